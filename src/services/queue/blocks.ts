//
// Owns: when refusals of our address, given to single mails, are meant for all of it. Time comes in.

import { MINUTE, type Milliseconds } from '../../core/time.ts'

/** From MAIL on a block may be one sender's or recipient's matter, until so many came more than successes. */
const ENOUGH = 3

export class Blocks {
  #count = 0
  /** The domain as which the last blocked mail was signed. */
  #sender = ''
  #othersPassedAt: Milliseconds = Number.NEGATIVE_INFINITY

  delivered(sender: string, now: Milliseconds): void {
    if (this.#count > 0) this.#count -= 1
    if (this.#sender !== '' && sender !== this.#sender) this.#othersPassedAt = now
  }

  /** Not while one sender alone is refused and others pass: that is the sender's matter, and its mail's alone. */
  areMeantForAll(sender: string, now: Milliseconds): boolean {
    if (sender !== this.#sender) this.#othersPassedAt = Number.NEGATIVE_INFINITY
    this.#sender = sender
    this.#count = Math.min(this.#count + 1, ENOUGH)
    return this.#count >= ENOUGH && now - this.#othersPassedAt > MINUTE
  }

  forget(): void {
    this.#count = 0
  }
}
