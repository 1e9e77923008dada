//
// Owns: what an explanation is made of: the facts of a message, and those of one recipient.

import type { FailureFacts, MailEvent } from '../../core/event.ts'
import type { Delivery, Message } from '../../core/message.ts'
import type { Suppression } from '../../core/suppression.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { AttemptRecord } from '../../store/store.ts'

export interface Reporting {
  /** `submission.bounce_messages`. */
  readonly mode: 'on-request' | 'always' | 'never'
  /** The reverse-path is at a domain of the account: reports go to nobody else (T18). */
  readonly isOwnAddress: boolean
}

export interface Facts {
  readonly message: Message
  /** The name of its account, as commands take it. */
  readonly account: string
  readonly deliveries: readonly Delivery[]
  readonly attempts: readonly (AttemptRecord & { readonly deliveryId: Delivery['id'] })[]
  readonly events: readonly MailEvent[]
  /** What the account's list holds of these recipients. */
  readonly suppressions: readonly Suppression[]
  /** All of it: not so where a message has very many that ended badly. */
  readonly isListKnown: boolean
  readonly reporting: Reporting
  readonly now: Milliseconds
  /** Why a waiting delivery waits beyond its own time: its lane, a warm-up budget; null when nothing else holds it. */
  readonly whyWaiting: (delivery: Delivery) => string | null
  /** An attempt is being made at this moment. */
  readonly isUnderWay: (delivery: Delivery) => boolean
}

/** What concerns one recipient. */
export interface Case {
  readonly message: Message
  readonly delivery: Delivery
  readonly events: readonly MailEvent[]
  readonly attempts: readonly AttemptRecord[]
  /** Null where nothing went wrong, or where it does not matter any more. */
  readonly failure: FailureFacts | null
  readonly complaint: Extract<MailEvent, { readonly type: 'email.complained' }> | null
  readonly suppressions: readonly Suppression[]
}
