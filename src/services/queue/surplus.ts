//
// Owns: telling a connection that is one too many from one that was lost: a provider that bears so many and resets the
// others says nothing. A slot that is lost twice running, while others deliver to the same hosts, is one too many.
// Never: how many there may be then (shaping.ts).

import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { SlotId } from '../../net/delivery/order.ts'

interface Lost {
  readonly routeKey: string
  readonly at: Milliseconds
  othersDelivered: boolean
}

/** What was lost longer ago had another cause. */
const TOGETHER: Milliseconds = MINUTE
/** Others that are at work have delivered or failed by then, or are slow themselves. */
export const REST: Milliseconds = SECOND
/** Slots that are closed never come back: of those that did not, a few are kept. */
const MOST = 100

export class Surplus {
  readonly #lost = new Map<SlotId, Lost>()

  /** It has not delivered since it was lost. */
  has(slot: SlotId): boolean {
    return this.#lost.has(slot)
  }

  get isEmpty(): boolean {
    return this.#lost.size === 0
  }

  /**
   * Nobody has delivered since it was lost: whether it is one too many is not known yet, and to ask at once would cost one
   * delivery after the other an attempt. It rests while others are at work.
   */
  rests(slot: SlotId, now: Milliseconds): boolean {
    const lost = this.#lost.get(slot)
    return lost !== undefined && !lost.othersDelivered && now - lost.at < REST
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
