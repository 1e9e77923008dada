//
// Owns: how many attempts of a lane ended how in the last five minutes, in steps of ten seconds. Time comes in.

import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

const STEP: Milliseconds = 10 * SECOND
/** Five minutes of whole steps, and the one that has begun. */
const STEPS = 31

export const TALLIED: Milliseconds = 5 * MINUTE

export interface Counted {
  readonly delivered: number
  readonly deferred: number
}

export class Tally {
  readonly #delivered = new Uint32Array(STEPS)
  readonly #deferred = new Uint32Array(STEPS)
  #step: number

  constructor(now: Milliseconds) {
    this.#step = Math.floor(now / STEP)
  }

  delivered(now: Milliseconds): void {
    const at = this.#at(now)
    this.#delivered[at] = (this.#delivered[at] ?? 0) + 1
  }

  /** Deferred or bounced: it was tried and did not arrive. */
  failed(now: Milliseconds): void {
    const at = this.#at(now)
    this.#deferred[at] = (this.#deferred[at] ?? 0) + 1
  }

  /** Over the last five minutes. */
  counted(now: Milliseconds): Counted {
    this.#at(now)
    let delivered = 0
    let deferred = 0
    for (let i = 0; i < STEPS; i++) {
      delivered += this.#delivered[i] ?? 0
      deferred += this.#deferred[i] ?? 0
    }
    return { delivered, deferred }
  }

  /** Per second over the step before and the one that has begun: ten to twenty seconds. */
  rates(now: Milliseconds): { readonly delivered: number; readonly tried: number } {
    const at = this.#at(now)
    const before = (at + STEPS - 1) % STEPS
    const seconds = (STEP + (now % STEP)) / SECOND
    const delivered = (this.#delivered[at] ?? 0) + (this.#delivered[before] ?? 0)
    const deferred = (this.#deferred[at] ?? 0) + (this.#deferred[before] ?? 0)
    return { delivered: delivered / seconds, tried: (delivered + deferred) / seconds }
  }

  /** The place of this moment; what lies between the last one and it is emptied. */
  #at(now: Milliseconds): number {
    const step = Math.floor(now / STEP)
    for (let gone = Math.min(step - this.#step, STEPS); gone > 0; gone--) {
      const place = (step - gone + 1) % STEPS
      this.#delivered[place] = 0
      this.#deferred[place] = 0
    }
    if (step > this.#step) this.#step = step
    return this.#step % STEPS
  }
}
