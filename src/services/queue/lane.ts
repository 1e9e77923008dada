//
// Owns: one lane: a provider × source address. Its slots (connections), and what waits for one.
// Never: sockets (net/delivery) or time (retry.ts).

import type { ClaimedDelivery } from '../../core/message.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { DeliveryOrder, SlotId } from '../../net/delivery/order.ts'
import { Fifo } from './fifo.ts'
import type { Source } from './sources.ts'

/** A delivery in memory with its way. */
export interface Ready {
  readonly delivery: ClaimedDelivery
  readonly transport: DeliveryOrder['transport']
  /** Same hosts, same key: such deliveries share a connection. */
  readonly routeKey: string
}

export interface Slot {
  readonly id: SlotId
  outstanding: number
  routeKey: string
}

export interface LaneLimits {
  /** Connections at once. */
  readonly connections: number
  /** Deliveries that may wait in memory for this lane; the rest waits in the store. */
  readonly waiting: number
}

/**
 * Orders of a slot whose outcome is not stored yet, when its peer answers fast: the second one leaves behind the first
 * one's final dot and hides the way to the worker and back. It is also the most that a crash can double per connection.
 */
const AHEAD = 2
/** Slower peers get one at a time: an order behind a stuck one could have gone by another slot. */
const FAST: Milliseconds = 100
/** Weight of the newest transaction in the running mean. */
const NEWEST = 0.1

export class Lane {
  readonly provider: string
  readonly source: Source
  readonly #limits: LaneLimits
  readonly #nextSlot: () => SlotId
  readonly #slots: Slot[] = []
  readonly #waiting = new Map<string, Fifo<Ready>>()
  #count = 0
  #mean: Milliseconds = FAST

  constructor(
    of: { readonly provider: string; readonly source: Source },
    limits: LaneLimits,
    nextSlot: () => SlotId,
  ) {
    this.provider = of.provider
    this.source = of.source
    this.#limits = limits
    this.#nextSlot = nextSlot
  }

  get waiting(): number {
    return this.#count
  }

  get slots(): readonly Slot[] {
    return this.#slots
  }

  get idle(): boolean {
    return this.#count === 0 && this.#slots.every((slot) => slot.outstanding === 0)
  }

  /** Free places among those that may wait in memory. */
  get space(): number {
    return Math.max(0, this.#limits.waiting - this.#count)
  }

  push(ready: Ready): void {
    const queue = this.#waiting.get(ready.routeKey)
    if (queue) queue.push(ready)
    else {
      const fresh = new Fifo<Ready>()
      fresh.push(ready)
      this.#waiting.set(ready.routeKey, fresh)
    }
    this.#count += 1
  }

  /** Gives what waits to slots, as far as they have room. */
  fill(assign: (slot: SlotId, ready: Ready) => void): void {
    while (this.#count > 0) {
      const slot = this.#choose()
      if (!slot) return
      const ready = this.#next(slot)
      if (!ready) return
      slot.outstanding += 1
      slot.routeKey = ready.routeKey
      assign(slot.id, ready)
    }
  }

  /** An order of this slot came back after `took`. */
  done(id: SlotId, took: Milliseconds): void {
    const slot = this.#slots.find((each) => each.id === id)
    if (slot && slot.outstanding > 0) slot.outstanding -= 1
    this.#mean += (took - this.#mean) * NEWEST
  }

  /** Everything that still waits, taken out. */
  drain(): Ready[] {
    const all: Ready[] = []
    for (const queue of this.#waiting.values()) {
      for (let ready = queue.shift(); ready; ready = queue.shift()) all.push(ready)
    }
    this.#waiting.clear()
    this.#count = 0
    return all
  }

  #choose(): Slot | null {
    const ahead = this.#mean < FAST ? AHEAD : 1
    let least: Slot | null = null
    for (const slot of this.#slots) {
      if (slot.outstanding === 0 && this.#waiting.has(slot.routeKey)) return slot
      if (!least || slot.outstanding < least.outstanding) least = slot
    }
    if (least && least.outstanding === 0) return least
    if (this.#slots.length < this.#limits.connections) {
      const fresh: Slot = { id: this.#nextSlot(), outstanding: 0, routeKey: '' }
      this.#slots.push(fresh)
      return fresh
    }
    return least && least.outstanding < ahead ? least : null
  }

  /** Prefers the hosts to which the slot is connected, else those that have waited longest. */
  #next(slot: Slot): Ready | undefined {
    const key = this.#waiting.has(slot.routeKey) ? slot.routeKey : this.#waiting.keys().next().value
    if (key === undefined) return undefined
    const queue = this.#waiting.get(key)
    const ready = queue?.shift()
    // Back to the end of the line, so that one busy domain cannot starve its neighbours in the lane.
    this.#waiting.delete(key)
    if (queue && queue.size > 0) this.#waiting.set(key, queue)
    if (ready) this.#count -= 1
    return ready
  }
}
