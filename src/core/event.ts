//
// Owns: what can happen to mail, in the past tense: the vocabulary of the event log, webhooks and streams.

import type { ForwardPath } from './address.ts'
import type { Blame, BounceReason } from './failure.ts'
import type { AccountId, DeliveryId, EventId, MessageId } from './ids.ts'
import type { SuppressionReason, SuppressionScope } from './suppression.ts'
import type { Milliseconds } from './time.ts'

export type MailEventType =
  | 'email.queued'
  | 'email.delivered'
  | 'email.deferred'
  | 'email.bounced'
  | 'email.complained'
  | 'email.failed'
  | 'email.suppressed'
  | 'email.cancelled'

interface EventHead {
  readonly id: EventId
  readonly accountId: AccountId
  readonly messageId: MessageId
  readonly deliveryId: DeliveryId
  readonly recipient: ForwardPath
  readonly at: Milliseconds
}

/** The receiving side of an attempt, as far as it is known. */
export interface PeerFacts {
  readonly mx: string | null
  readonly ip: string | null
  readonly software: string | null
  /** `relay:<host>` where it was a smarthost of ours; absent: the receiver itself. */
  readonly via?: string
}

/** What a failed attempt tells: code, the peer's words, and what we make of them. */
export interface FailureFacts {
  readonly type: 'hard' | 'soft'
  readonly reason: BounceReason
  readonly enhancedCode: string | null
  readonly diagnostic: string
  /** Absent in events of before schema 2. */
  readonly blame?: Blame
  readonly remedy?: string
}

export type MailEvent =
  | (EventHead & { readonly type: 'email.queued' })
  | (EventHead & {
      readonly type: 'email.delivered'
      readonly peer: PeerFacts
      readonly response: string
      /** Accept to the receiver's 250. */
      readonly elapsed: Milliseconds
      /** Present when the submitter wants to hear of it (RFC 3461): the peer was told so, or we owe him the notice. */
      readonly dsn?: 'passed-on' | 'owed'
    })
  | (EventHead & {
      readonly type: 'email.deferred'
      readonly peer: PeerFacts
      readonly failure: FailureFacts
      readonly nextAttemptAt: Milliseconds
    })
  | (EventHead & {
      readonly type: 'email.bounced'
      readonly peer: PeerFacts
      readonly failure: FailureFacts
      /** It came back as a message after the receiver had taken it (RFC 3464); absent: refused in session. */
      readonly late?: true
    })
  | (EventHead & {
      readonly type: 'email.complained'
      /** RFC 5965 §7.3: abuse, fraud, virus, not-spam, opt-out … */
      readonly feedbackType: string
      /** Who reported it: the reporter's domain or user agent. */
      readonly reporter: string | null
    })
  | (EventHead & { readonly type: 'email.failed'; readonly reason: string })
  | (EventHead & {
      readonly type: 'email.suppressed'
      readonly reason: string
      /** The entry that stopped it; absent in events of before schema 4. */
      readonly by?: {
        readonly reason: SuppressionReason
        readonly scope: SuppressionScope
        readonly since: Milliseconds
      }
    })
  | (EventHead & { readonly type: 'email.cancelled'; readonly reason: string })
