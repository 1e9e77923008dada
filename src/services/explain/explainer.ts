//
// Owns: gathering what an explanation is made of.

import type { Explanation } from '../../core/explanation.ts'
import type { AccountId, MessageId } from '../../core/ids.ts'
import type { Delivery, Message } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import type { MessageStore } from '../../store/store.ts'
import { explain } from './explain.ts'

export interface ExplainerParts {
  readonly messages: Pick<MessageStore, 'get' | 'deliveries' | 'attempts' | 'events'>
  readonly clock: Pick<Clock, 'now'>
  /** What the queue knows beyond the store; null where no queue runs. */
  readonly whyWaiting: (delivery: Delivery, message: Message) => string | null
}

export class Explainer {
  readonly #parts: ExplainerParts

  constructor(parts: ExplainerParts) {
    this.#parts = parts
  }

  /** Null when the account has no such message; a null account is the operator's view. */
  async explain(id: MessageId, account: AccountId | null): Promise<Explanation | null> {
    const { clock, messages, whyWaiting } = this.#parts
    const message = await messages.get(id, account)
    if (message === null) return null
    const [deliveries, attempts, events] = await Promise.all([
      messages.deliveries(id),
      messages.attempts(id),
      messages.events(id),
    ])
    return explain({
      message,
      deliveries,
      attempts,
      events,
      now: clock.now(),
      whyWaiting: (delivery) => whyWaiting(delivery, message),
    })
  }
}
