//
// Owns: that what an operator holds or drops, and what a recipient no longer wants, does not leave because it waited in this
// node's memory at that moment: it goes back to the store first. What a worker has, and what other nodes hold, stays as it is.

import type { ClaimedDelivery } from '../../core/message.ts'
import type { QueueFilter, QueueStore } from '../../store/store.ts'
import { suppressionKey } from '../suppression/suppression.ts'

export interface RecallFilter extends QueueFilter {
  /** As the suppression list keeps it. */
  readonly recipient?: string
}

/** Gives back to the store what waits in memory and matches; returns how many. */
export type TakeBack = (filter: RecallFilter) => Promise<number>

/** Made before the queue is there. */
export class Recall {
  #takeBack: TakeBack = async () => 0

  from(takeBack: TakeBack): void {
    this.#takeBack = takeBack
  }

  takeBack(filter: RecallFilter): Promise<number> {
    return this.#takeBack(filter)
  }
}

/** What came back may be claimed again before the command reaches it. */
const ROUNDS = 3

export function recalling(queue: QueueStore, recall: Recall): QueueStore {
  const reaching = async (filter: QueueFilter, move: () => Promise<number>): Promise<number> => {
    let moved = 0
    for (let round = 0; round < ROUNDS; round++) {
      const back = await recall.takeBack(filter)
      moved += await move()
      if (back === 0) break
    }
    return moved
  }
  return {
    ...queue,
    command: (command, filter, now) =>
      command === 'hold'
        ? reaching(filter, () => queue.command(command, filter, now))
        : queue.command(command, filter, now),
    drop: (filter, now, eventId, reason) => reaching(filter, () => queue.drop(filter, now, eventId, reason)),
  }
}

/** By whose key it came a delivery in memory does not say: what matches otherwise goes back, and is claimed again. */
export const isMeant =
  (filter: RecallFilter, providerOf: (delivery: ClaimedDelivery) => string) =>
  (delivery: ClaimedDelivery): boolean =>
    (filter.messageId === undefined || filter.messageId === delivery.messageId) &&
    (filter.destination === undefined || filter.destination === delivery.destination) &&
    (filter.accountId === undefined || filter.accountId === delivery.accountId) &&
    (filter.campaign === undefined || filter.campaign === delivery.campaign) &&
    (filter.stream === undefined || filter.stream === delivery.stream) &&
    (filter.recipient === undefined || filter.recipient === suppressionKey(delivery.recipient)) &&
    (filter.provider === undefined || filter.provider === providerOf(delivery))
