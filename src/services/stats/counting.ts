//
// Owns: the follower that keeps the roll-ups: each event is counted once, in one commit with the follower's move.
// Never: what an event counts as (metrics.ts). Mail that is played is not counted: nobody has received it.

import { domainOf } from '../../core/address.ts'
import type { MailEvent, PeerFacts } from '../../core/event.ts'
import type { DeliveryId, MessageId } from '../../core/ids.ts'
import { SANDBOX_DOMAIN } from '../../core/message.ts'
import type { Result } from '../../core/result.ts'
import type { LogEntry, LogStep } from '../../store/log-store.ts'
import type { CountedMessage, StatsStore, Taker } from '../../store/stats-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { Names } from './names.ts'
import { Tally } from './tally.ts'

export interface CountingParts {
  readonly store: Pick<StatsStore, 'add' | 'messages' | 'takers'>
  /** Under which name an MX host is known. */
  readonly providerOf: (mx: string) => string
}

/** Messages whose facts are remembered: most are delivered in the moment after they were queued. */
const MAX_REMEMBERED = 5_000

export class Counting {
  readonly name = 'stats'
  readonly #parts: CountingParts
  readonly #names = new Names()
  readonly #messages = new Map<MessageId, CountedMessage>()

  constructor(parts: CountingParts) {
    this.#parts = parts
  }

  async handle(
    entries: readonly LogEntry[],
    step: LogStep,
  ): Promise<Result<'done' | 'overtaken', StoreFault>> {
    const events = entries.map(({ event }) => event)
    await this.#learn(events)
    const takers = await this.#parts.store.takers(takenBefore(events))
    const tally = new Tally(this.#names)
    for (const event of events) {
      const message = this.#messages.get(event.messageId) ?? null
      if (message?.mode === 'test' || isPlayed(event)) continue
      tally.add(event, { message, provider: this.#provider(event, takers) })
    }
    return this.#parts.store.add(tally.counts(), step)
  }

  /** Reads what is not remembered. What is not in the store any more stays unknown. */
  async #learn(events: readonly MailEvent[]): Promise<void> {
    const known = this.#messages
    const unknown = new Set<MessageId>()
    for (const { messageId } of events) if (!known.has(messageId)) unknown.add(messageId)
    // Before it is read: all that this stretch needs stays until its end.
    if (known.size + unknown.size > MAX_REMEMBERED) {
      known.clear()
      for (const { messageId } of events) unknown.add(messageId)
    }
    for (const [id, message] of await this.#parts.store.messages([...unknown])) known.set(id, message)
  }

  #provider(event: MailEvent, takers: ReadonlyMap<DeliveryId, Taker>): string | null {
    if (isLater(event)) {
      const taker = takers.get(event.deliveryId)
      return taker === undefined ? null : this.#named(taker)
    }
    return 'peer' in event ? this.#named(event.peer) : null
  }

  #named({ mx, via }: Pick<PeerFacts, 'mx' | 'via'>): string | null {
    // What a smarthost of ours has taken is at a provider that we do not see.
    if (via?.startsWith('relay:')) return via
    return mx === null ? null : this.#parts.providerOf(mx)
  }
}

const isPlayed = ({ recipient }: MailEvent): boolean => domainOf(recipient) === SANDBOX_DOMAIN

/** It concerns mail that somebody has taken, and does not say itself who. */
function isLater(event: MailEvent): boolean {
  switch (event.type) {
    case 'email.bounced':
      return event.late === true
    case 'email.complained':
    case 'email.opened':
    case 'email.clicked':
    case 'email.unsubscribed':
      return true
    default:
      return false
  }
}

const takenBefore = (events: readonly MailEvent[]): readonly DeliveryId[] => [
  ...new Set(events.filter(isLater).map(({ deliveryId }) => deliveryId)),
]
