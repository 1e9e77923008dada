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
  | 'email.opened'
  | 'email.clicked'
  | 'email.complained'
  | 'email.unsubscribed'
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

/** Who asked for a pixel, a link or a page, as the request said. */
export interface ReaderFacts {
  readonly ip: string | null
  readonly userAgent: string | null
}

/** Whether a person was there; null: nobody can tell. */
export interface MachineVerdict {
  readonly machine: boolean | null
  /** In the order of their weight; empty when nothing spoke for a machine. */
  readonly why: readonly MachineSign[]
}

/** What speaks for a program that reads instead of a person. */
export type MachineSign =
  /** A provider's proxy that fetches pictures for the reader: somebody may have opened it, or nobody. */
  | 'mail_proxy'
  /** Apple's and others' fetching of everything ahead of reading. */
  | 'prefetch'
  | 'security_scanner'
  /** HEAD: nobody reads by it. */
  | 'head'
  /** Within seconds of the delivery. */
  | 'soon_after_delivery'
  /** Several links of one copy in a moment. */
  | 'all_links'
  /** An address of a hosting or security company. */
  | 'known_network'
  /** A user agent that names a program or nothing. */
  | 'not_a_browser'
  /** A link that people do not see. */
  | 'hidden_link'

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
      /** Why opens and clicks are not counted although that was asked for; absent: they are, or nobody asked. */
      readonly untracked?: string
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
  | (EventHead & { readonly type: 'email.opened' } & ReaderFacts & MachineVerdict)
  | (EventHead & {
      readonly type: 'email.clicked'
      /** Where the link leads. */
      readonly url: string
    } & ReaderFacts &
      MachineVerdict)
  | (EventHead & {
      readonly type: 'email.unsubscribed'
      /** What stops: a list, or all marketing mail. */
      readonly scope: SuppressionScope
      readonly by: 'one-click' | 'page' | 'mailto'
    } & ReaderFacts)
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

// ── What happens to things of an account that are no mail ───────────────────────────────────────

export type DomainEventType =
  | 'domain.verified'
  | 'domain.unverified'
  | 'domain.dkim_rotated'
  | 'domain.action_needed'

/** Of a plan's quota of a day or month, once for each period. */
export type QuotaEventType = 'account.quota_near' | 'account.quota_reached'

/** Of the machine and its surroundings; told to the first account, whose keys may be the operator's. */
export type AlertEventType = 'alert.raised' | 'alert.cleared'

/** Further nouns add their types here; what they tell lies in `details` as applications see it. */
export type AccountEventType = DomainEventType | QuotaEventType | AlertEventType

/** In the log beside mail: webhooks, streams and GET /v1/events tell it to who asks for its type by name. */
export interface AccountEvent {
  readonly id: EventId
  readonly accountId: AccountId
  /** Always NO_MESSAGE. */
  readonly messageId: MessageId
  readonly recipient: null
  readonly type: AccountEventType
  /** What it is about, such as the name of a domain or a day. */
  readonly subject: string
  readonly at: Milliseconds
  /** JSON, in the names of the API. */
  readonly details: Readonly<Record<string, unknown>>
}

export const NO_MESSAGE = '' as MessageId

export type LogEvent = MailEvent | AccountEvent
export type LogEventType = LogEvent['type']

export const isOfDomain = (type: LogEventType): type is DomainEventType => type.startsWith('domain.')

export const isOfMail = (event: LogEvent): event is MailEvent => event.messageId !== NO_MESSAGE
