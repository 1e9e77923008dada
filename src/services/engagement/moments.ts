//
// Owns: which links of a copy were asked for within a moment: programs ask for all of them, one after the other.
// Never: more than it has room for. Who is forgotten too early counts as a person who opened one link.

import type { DeliveryId } from '../../core/ids.ts'
import type { Milliseconds } from '../../core/time.ts'
import { SEVERAL_WITHIN } from '../../mail/tracking/machine.ts'

interface Step {
  readonly link: number
  readonly at: Milliseconds
}

/** Copies whose links are remembered: 5,000 clicks a second of as many readers. */
const MAX_COPIES = 50_000
/** Three are enough for a verdict. */
const MAX_LINKS = 8

export class Moments {
  /** In the order of the last click. */
  readonly #copies = new Map<DeliveryId, readonly Step[]>()

  /** How many different links of the copy were asked for lately, this one included. */
  note(copy: DeliveryId, link: number, at: Milliseconds): number {
    const fresh = (step: Step): boolean => at - step.at < SEVERAL_WITHIN && step.link !== link
    const before = (this.#copies.get(copy) ?? []).filter(fresh).slice(1 - MAX_LINKS)
    this.#copies.delete(copy)
    this.#copies.set(copy, [...before, { link, at }])
    return before.length + 1
  }

  get size(): number {
    return this.#copies.size
  }

  /** After each batch: to look for the oldest costs more than the rest. */
  forget(now: Milliseconds): void {
    for (const [copy, steps] of this.#copies) {
      const last = steps.at(-1)?.at ?? 0
      // A clock that was set back makes what lies ahead of it as old as what lies behind.
      if (this.#copies.size <= MAX_COPIES && Math.abs(now - last) < SEVERAL_WITHIN) return
      this.#copies.delete(copy)
    }
  }
}
