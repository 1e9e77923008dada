//
// Owns: so many messages a second and no more: a token bucket on the monotonic clock. Time comes in.

import { type Milliseconds, SECOND } from '../../core/time.ts'

/** What may gather while nothing is sent, in seconds of the rate: no burst after an idle hour, a storm or a restart. */
const BURST_SECONDS = 0.25

export class Pace {
  #tokens = 0
  #at: Milliseconds

  /** Begins empty. */
  constructor(now: Milliseconds) {
    this.#at = now
  }

  /** Zero when a message may go now, and then it is counted; else how long to wait. */
  take(rate: number, now: Milliseconds): Milliseconds {
    const most = Math.max(1, rate * BURST_SECONDS)
    this.#tokens = Math.min(most, this.#tokens + (rate * Math.max(0, now - this.#at)) / SECOND)
    this.#at = now
    // A timer may come a fraction of a millisecond early.
    if (this.#tokens > 1 - 1e-6) {
      this.#tokens = Math.max(0, this.#tokens - 1)
      return 0
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) * SECOND) / rate))
  }

  /** It was not sent after all. */
  giveBack(): void {
    this.#tokens += 1
  }
}
