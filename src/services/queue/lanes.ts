//
// Owns: which lanes exist, which slot belongs to which lane, and which providers are full.

import type { Milliseconds } from '../../core/time.ts'
import type { SlotId } from '../../net/delivery/order.ts'
import { Lane, type LaneLimits } from './lane.ts'

export class Lanes {
  readonly #limits: LaneLimits
  readonly #lanes = new Map<string, Lane>()
  readonly #bySlot = new Map<SlotId, Lane>()
  #lastSlot: SlotId = 0

  constructor(limits: LaneLimits) {
    this.#limits = limits
  }

  lane(provider: string): Lane {
    const known = this.#lanes.get(provider)
    if (known) return known
    const lane: Lane = new Lane(provider, this.#limits, () => {
      this.#lastSlot += 1
      this.#bySlot.set(this.#lastSlot, lane)
      return this.#lastSlot
    })
    this.#lanes.set(provider, lane)
    return lane
  }

  spaceOf(provider: string): number {
    return this.#lanes.get(provider)?.space ?? this.#limits.waiting
  }

  done(slot: SlotId, took: Milliseconds): Lane | null {
    const lane = this.#bySlot.get(slot) ?? null
    lane?.done(slot, took)
    return lane
  }

  /** Providers that can take nothing more now: the store need not be asked for their mail. */
  full(): Set<string> {
    const full = new Set<string>()
    for (const lane of this.#lanes.values()) if (lane.space === 0) full.add(lane.provider)
    return full
  }

  all(): Iterable<Lane> {
    return this.#lanes.values()
  }

  /** Forgets lanes without work; returns their slots, whose connections may close. */
  dropIdle(): SlotId[] {
    const dropped: SlotId[] = []
    for (const lane of this.#lanes.values()) {
      if (!lane.idle) continue
      this.#lanes.delete(lane.provider)
      for (const slot of lane.slots) {
        this.#bySlot.delete(slot.id)
        dropped.push(slot.id)
      }
    }
    return dropped
  }
}
