//
// Owns: which lanes exist, which slot belongs to which lane, and which providers are full.

import type { Milliseconds } from '../../core/time.ts'
import type { SlotId } from '../../net/delivery/order.ts'
import { Lane, type LaneLimits } from './lane.ts'
import type { Source } from './sources.ts'

export class Lanes {
  readonly #limits: LaneLimits
  readonly #lanes = new Map<string, Lane>()
  readonly #byProvider = new Map<string, Lane[]>()
  readonly #bySlot = new Map<SlotId, Lane>()
  #lastSlot: SlotId = 0

  constructor(limits: LaneLimits) {
    this.#limits = limits
  }

  lane(provider: string, source: Source): Lane {
    const name = nameOf(provider, source)
    const known = this.#lanes.get(name)
    if (known) return known
    const lane: Lane = new Lane({ provider, source }, this.#limits, () => {
      this.#lastSlot += 1
      this.#bySlot.set(this.#lastSlot, lane)
      return this.#lastSlot
    })
    this.#lanes.set(name, lane)
    const siblings = this.#byProvider.get(provider)
    if (siblings) siblings.push(lane)
    else this.#byProvider.set(provider, [lane])
    return lane
  }

  waitingAt(provider: string, source: Source): number {
    return this.#lanes.get(nameOf(provider, source))?.waiting ?? 0
  }

  /** Of the provider's emptiest lane; a source that has no lane yet would open one. */
  spaceOf(provider: string): number {
    const lanes = this.#byProvider.get(provider)
    if (!lanes) return this.#limits.waiting
    let space = 0
    for (const lane of lanes) space = Math.max(space, lane.space)
    return space
  }

  done(slot: SlotId, took: Milliseconds): Lane | null {
    const lane = this.#bySlot.get(slot) ?? null
    lane?.done(slot, took)
    return lane
  }

  /** Providers that can take nothing more now: the store need not be asked for their mail. */
  full(): Set<string> {
    const full = new Set<string>()
    for (const provider of this.#byProvider.keys()) if (this.spaceOf(provider) === 0) full.add(provider)
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
      this.#lanes.delete(nameOf(lane.provider, lane.source))
      const left = this.#byProvider.get(lane.provider)?.filter((sibling) => sibling !== lane) ?? []
      if (left.length > 0) this.#byProvider.set(lane.provider, left)
      else this.#byProvider.delete(lane.provider)
      for (const slot of lane.slots) {
        this.#bySlot.delete(slot.id)
        dropped.push(slot.id)
      }
    }
    return dropped
  }
}

const nameOf = (provider: string, source: Source): string =>
  source === null ? provider : `${provider} ${source}`
