//
// Owns: what the door needs of its neighbours; the root hands it in (decision 4).

import type { Domain, ForwardPath } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import type { Ids } from '../../core/ids.ts'
import type { ClaimedDelivery, Message } from '../../core/message.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Holder, MessageStore, QueueStore } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import type { Limiter } from '../accounts/authenticate.ts'
import type { DoorLimits, WaysOut } from './door.ts'
import type { FeedbackMarks } from './feedback-fields.ts'
import type { SenderFacts } from './policy.ts'
import type { FindHost } from './tracking-wish.ts'

/** The queue as the door sees it; the root hands it in (decision 4). */
export interface QueueDoor {
  readonly holder: Holder
  /** For mail of one account and stream: none gets all of the memory. */
  reserve(
    destinations: readonly Domain[],
    contentOctets: number,
    of: Pick<Message, 'accountId' | 'stream'>,
  ): boolean
  forgo(deliveries: number, contentOctets: number): void
  /** `octets`: what was reserved for them; absent: the content. */
  handOver(content: StoredContent, deliveries: readonly ClaimedDelivery[], octets?: number): void
  /** Committed, and not in memory. */
  wake(destinations: readonly Domain[]): void
  estimate(destination: Domain): string
}

export interface SubmissionParts {
  readonly store: Pick<QueueStore, 'accept' | 'acceptAll'>
  readonly messages: Pick<MessageStore, 'idempotency'>
  readonly senders: { factsFor(account: Message['accountId'], domain: Domain): Promise<SenderFacts> }
  readonly limiter: Limiter
  readonly suppressed: (
    account: Message['accountId'],
    recipients: readonly Message['from'][],
    of: Pick<Message, 'stream' | 'wishes'>,
  ) => Promise<ReadonlyMap<ForwardPath, Blocking>>
  readonly queue: QueueDoor
  /** Why mail may not be sent at the moment; null: it may. */
  readonly paused: (mail: Pick<Message, 'accountId' | 'signingDomain' | 'stream'>) => string | null
  readonly feedback: FeedbackMarks
  readonly ways: WaysOut
  readonly trackingHost: FindHost
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  readonly options: SubmissionRules
}

export interface SubmissionRules {
  readonly limits: DoorLimits
  readonly operator: string
  readonly requireVerification: boolean
  readonly giveUpAfter: Milliseconds
  /** Received fields beyond which a message is a loop. */
  readonly maxReceived: number
  /** Pools of outgoing addresses that a sender may ask for. */
  readonly pools: readonly string[]
}
