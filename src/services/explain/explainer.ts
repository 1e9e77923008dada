//
// Owns: gathering what an explanation is made of.

import type { ReversePath } from '../../core/address.ts'
import type { Explanation } from '../../core/explanation.ts'
import type { AccountId, DeliveryId, MessageId } from '../../core/ids.ts'
import type { Delivery, Message } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import type { Suppression } from '../../core/suppression.ts'
import type { MessageStore } from '../../store/store.ts'
import type { SuppressionStore } from '../../store/suppression-store.ts'
import type { Reporting } from './case.ts'
import { explain } from './explain.ts'

export interface ExplainerParts {
  readonly messages: Pick<MessageStore, 'get' | 'fate'>
  readonly suppressions: Pick<SuppressionStore, 'hasAny' | 'entries'>
  readonly nameOf: (account: AccountId) => Promise<string>
  readonly clock: Pick<Clock, 'now'>
  /** Which submitters hear of failures by mail. */
  readonly bounceMessages: Reporting['mode']
  /** Whether an address is at a domain of the account: else nobody is told there. */
  readonly isOwnAddress: (account: AccountId, address: ReversePath) => Promise<boolean>
  /** What the queue knows beyond the store; null where no queue runs. */
  readonly whyWaiting: (delivery: Delivery, message: Message) => string | null
  /** Whether a worker speaks for it at this moment. */
  readonly isUnderWay: (id: DeliveryId) => boolean
}

/** A message has up to a thousand recipients, and most of them arrived. */
const LOOKED_UP_AT_MOST = 100

export class Explainer {
  readonly #parts: ExplainerParts

  constructor(parts: ExplainerParts) {
    this.#parts = parts
  }

  /** Null when the account has no such message; a null account is the operator's view. */
  async explain(id: MessageId, account: AccountId | null): Promise<Explanation | null> {
    const { bounceMessages, clock, isOwnAddress, isUnderWay, messages, nameOf, whyWaiting } = this.#parts
    const message = await messages.get(id, account)
    if (message === null) return null
    const [name, { deliveries, attempts, events }, isOwn] = await Promise.all([
      nameOf(message.accountId),
      messages.fate(id),
      isOwnAddress(message.accountId, message.reversePath),
    ])
    const complained = new Set(
      events.filter((event) => event.type === 'email.complained').map((event) => event.deliveryId),
    )
    const concerned = deliveries.filter(
      ({ id: one, state }) => state === 'suppressed' || state === 'bounced' || complained.has(one),
    )
    return explain({
      message,
      account: name,
      deliveries,
      attempts,
      events,
      suppressions: await this.#entriesOf(message.accountId, concerned),
      isListKnown: concerned.length <= LOOKED_UP_AT_MOST,
      reporting: { mode: bounceMessages, isOwnAddress: isOwn },
      now: clock.now(),
      whyWaiting: (delivery) => whyWaiting(delivery, message),
      isUnderWay: (delivery) => isUnderWay(delivery.id),
    })
  }

  async #entriesOf(account: AccountId, concerned: readonly Delivery[]): Promise<readonly Suppression[]> {
    const { suppressions } = this.#parts
    if (concerned.length === 0 || !(await suppressions.hasAny(account))) return []
    const entries = await Promise.all(
      concerned
        .slice(0, LOOKED_UP_AT_MOST)
        .map(({ recipient }) => suppressions.entries(account, recipient.toLowerCase())),
    )
    return entries.flat()
  }
}
