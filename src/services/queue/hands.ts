//
// Owns: what the dispatcher holds at this moment, and what that takes of what all share: room, and the share of slow mail.
// Never: where it goes (dispatcher.ts).

import type { StoredContent } from '../../core/content.ts'
import type { DeliveryId } from '../../core/ids.ts'
import type { ClaimedDelivery } from '../../core/message.ts'
import type { SlotId } from '../../net/delivery/order.ts'
import type { Standing } from '../sources/ledger.ts'
import { DELIVERY_OVERHEAD_OCTETS, Room } from './room.ts'
import { type Place, SlowShare } from './slow-share.ts'

export interface Hand {
  readonly delivery: ClaimedDelivery
  /** Claimed; else it was accepted just now. */
  readonly fromStore: boolean
  slot: SlotId | null
  routeKey: string
  /** In the book of what is under way. */
  place: number
  /** Where its end is booked. */
  standing: Standing | null
  /** In the memory of slow mail; null: it is expected to leave soon. */
  slow: Place | null
}

export class Hands {
  readonly room: Room
  readonly share: SlowShare
  readonly #held = new Map<DeliveryId, Hand>()

  constructor(memory: number) {
    this.room = new Room(memory)
    this.share = new SlowShare(memory)
  }

  get size(): number {
    return this.#held.size
  }

  take(content: StoredContent, delivery: ClaimedDelivery, fromStore: boolean): void {
    this.room.enter(content, delivery.fill?.length)
    this.#held.set(delivery.id, {
      delivery,
      fromStore,
      slot: null,
      routeKey: '',
      place: 0,
      standing: null,
      slow: null,
    })
  }

  of(id: DeliveryId): Hand | undefined {
    return this.#held.get(id)
  }

  /** Null when it was let go of meanwhile, even if it was claimed again since. */
  handOf(delivery: ClaimedDelivery): Hand | null {
    const hand = this.#held.get(delivery.id)
    return hand?.delivery === delivery ? hand : null
  }

  /** Whether what it holds may be held for long. */
  setSlow(hand: Hand | null, isSlow: boolean): void {
    if (hand === null || isSlow === (hand.slow !== null)) return
    if (hand.slow !== null) {
      this.share.leave(hand.slow)
      hand.slow = null
      return
    }
    const { delivery } = hand
    const isShared = this.room.isShared(delivery.contentId)
    hand.slow = this.share.enter(delivery, DELIVERY_OVERHEAD_OCTETS + (isShared ? 0 : delivery.size))
  }

  /** What is with workers and hangs there. */
  noteHung(hangs: (slot: SlotId) => boolean): void {
    for (const { slot, slow } of this.#held.values()) {
      if (slow !== null && slot !== null && hangs(slot)) this.share.hangs(slow)
    }
  }

  letGo({ contentId, fill, id }: ClaimedDelivery): void {
    const hand = this.#held.get(id)
    if (hand === undefined) return
    this.setSlow(hand, false)
    this.#held.delete(id)
    this.room.leave(contentId, fill?.length)
  }

  /** As they are now: letting some go disturbs nobody. */
  all(): readonly Hand[] {
    return [...this.#held.values()]
  }

  clear(): void {
    this.#held.clear()
  }
}
