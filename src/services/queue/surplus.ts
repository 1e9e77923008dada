//
// Owns: telling a connection that is one too many from one that was lost: a provider that bears so many and resets the
// others says nothing. A slot that is lost twice running, while others deliver to the same hosts, is one too many.
// Never: how many there may be then (shaping.ts).

import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { SlotId } from '../../net/delivery/order.ts'

interface Lost {
  readonly routeKey: string
  readonly at: Milliseconds
  othersDelivered: boolean
}

/** What was lost longer ago had another cause. */
const TOGETHER: Milliseconds = MINUTE
/** Slots that are closed never come back: of those that did not, a few are kept. */
const MOST = 100

export class Surplus {
  readonly #lost = new Map<SlotId, Lost>()

  /** It has not delivered since it was lost. */
  has(slot: SlotId): boolean {
    return this.#lost.has(slot)
  }

  delivered(slot: SlotId, routeKey: string): void {
    if (this.#lost.size === 0) return
    this.#lost.delete(slot)
    for (const lost of this.#lost.values()) if (lost.routeKey === routeKey) lost.othersDelivered = true
  }

  /** True when it is one too many. */
  lost(slot: SlotId, routeKey: string, now: Milliseconds): boolean {
    const before = this.#lost.get(slot)
    if (this.#lost.size >= MOST) this.#lost.clear()
    this.#lost.set(slot, { routeKey, at: now, othersDelivered: false })
    if (before === undefined || before.routeKey !== routeKey) return false
    return before.othersDelivered && now - before.at < TOGETHER
  }
}
