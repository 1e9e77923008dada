//
// Owns: the messages a second that a provider bears, as far as it has told: halved when it says "slower", given back
// minute by minute. Time comes in.

import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Tally } from './tally.ts'

/** Six a minute: less would only look like an end. */
const LEAST = 0.1
const GROWTH = 1.1
/** From so many times the rate that was too much it doubles again, and is gone as soon as it holds nothing back. */
const FREE_AGAIN = 4

export class Rate {
  readonly #tally: Tally
  #rate: number | null = null
  /** Messages a second that were too many. */
  #tooMuch = 0
  #movedAt: Milliseconds = 0
  #rests = false

  constructor(tally: Tally) {
    this.#tally = tally
  }

  get tooMuch(): number {
    return this.#tooMuch
  }

  /** Null: nothing was told, or it is long ago. */
  at(now: Milliseconds): number | null {
    while (this.#rate !== null && !this.#rests && now - this.#movedAt >= MINUTE) {
      this.#movedAt += MINUTE
      this.#rate = this.#grown(this.#rate, now)
    }
    return this.#rate
  }

  slow(now: Milliseconds): void {
    const rate = this.at(now)
    const { delivered, tried } = this.#tally.rates(now)
    // A storm in which nothing arrives says nothing of the rate that is right: only that it is not this one.
    if (delivered > 0) this.#tooMuch = Math.max(delivered, LEAST)
    else if (this.#tooMuch === 0) this.#tooMuch = Math.max(tried, LEAST)
    const basis = delivered > 0 ? delivered : Math.min(rate ?? tried, tried)
    this.#rate = Math.max(LEAST, basis / 2)
    this.#movedAt = now
  }

  /** Nothing is sent from now on: such minutes are none of health. */
  rest(): void {
    this.#rests = true
  }

  goOn(now: Milliseconds): void {
    this.#rests = false
    this.#movedAt = now
  }

  /** After a minute of health: doubled up to half of what was too much, then a tenth more. */
  #grown(rate: number, now: Milliseconds): number | null {
    const half = this.#tooMuch / 2
    if (rate < half) return Math.min(half, rate * 2)
    if (rate < this.#tooMuch * FREE_AGAIN) return rate * GROWTH
    // No jump: while the limit still makes mail wait it is only raised.
    return this.#tally.rates(now).tried > rate / 2 ? rate * 2 : null
  }

  recall(rate: number | null, tooMuch: number, now: Milliseconds): void {
    this.#rate = rate === null ? null : Math.max(LEAST, rate)
    this.#tooMuch = tooMuch
    this.#movedAt = now
  }
}
