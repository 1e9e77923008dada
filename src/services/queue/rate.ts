//
// Owns: the messages a second that a provider bears, as far as it has told: halved when it says "slower", given back
// minute by minute. Time comes in.

import { MINUTE, type Milliseconds } from '../../core/time.ts'

/** Six a minute: less would only look like an end. */
const LEAST = 0.1
const GROWTH = 1.1
/** From so many times the rate that was too much, the limit is gone. */
const FREE_AGAIN = 4

export class Rate {
  #rate: number | null = null
  /** Messages a second that were too many. */
  #tooMuch = 0
  #movedAt: Milliseconds = 0

  get tooMuch(): number {
    return this.#tooMuch
  }

  /** Null: nothing was told, or it is long ago. */
  at(now: Milliseconds): number | null {
    // Whole minutes of health: doubled up to half of what was too much, then a tenth more each.
    while (this.#rate !== null && now - this.#movedAt >= MINUTE) {
      this.#movedAt += MINUTE
      const half = this.#tooMuch / 2
      this.#rate = this.#rate < half ? Math.min(half, this.#rate * 2) : this.#rate * GROWTH
      if (this.#rate >= this.#tooMuch * FREE_AGAIN) this.#rate = null
    }
    return this.#rate
  }

  /** `measured`: a second, over the last moments. */
  slow(now: Milliseconds, measured: { readonly delivered: number; readonly tried: number }): void {
    const rate = this.at(now)
    const { delivered, tried } = measured
    // A storm in which nothing arrives says nothing of the rate that is right: only that it is not this one.
    if (delivered > 0) this.#tooMuch = Math.max(delivered, LEAST)
    else if (this.#tooMuch === 0) this.#tooMuch = Math.max(tried, LEAST)
    const basis = delivered > 0 ? delivered : Math.min(rate ?? tried, tried)
    this.#rate = Math.max(LEAST, basis / 2)
    this.#movedAt = now
  }

  recall(rate: number | null, tooMuch: number, now: Milliseconds): void {
    this.#rate = rate === null ? null : Math.max(LEAST, rate)
    this.#tooMuch = tooMuch
    this.#movedAt = now
  }
}
