//
// Owns: by how much the host's clock was set since this boot began (F6): wall time against monotonic time.
// Never: the time of anything that people or peers read; that is the wall clock's, right or wrong.

import type { Clock } from './ports.ts'
import { MINUTE, type Milliseconds } from './time.ts'

/** Less than this is how clocks are kept right, and harms nobody. */
const STEP: Milliseconds = MINUTE

export class ClockStep {
  readonly #clock: Clock
  readonly #start: Milliseconds
  /** What was seen the last time: how far wall time is ahead of monotonic time. */
  #seen: Milliseconds

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = this.#lead()
    this.#seen = this.#start
  }

  /**
   * What must be taken off the wall clock to tell the age of something that was created at `createdAt`. Mail accepted
   * after the step carries the new time and has its age right. A clock that was set back ends nothing too early.
   */
  since(createdAt: Milliseconds): Milliseconds {
    const now = this.#clock.now()
    const ahead = this.#lead() - this.#start
    return ahead > 0 && createdAt <= now - ahead ? ahead : 0
  }

  /** By how much it was set back since this was asked the last time; 0 when it was not. */
  setBack(): Milliseconds {
    const seen = this.#lead()
    const back = this.#seen - seen
    this.#seen = seen
    return back > STEP ? back : 0
  }

  /** In whole milliseconds, as due times are: a monotonic clock has fractions. */
  #lead(): Milliseconds {
    return Math.round(this.#clock.now() - this.#clock.monotonic())
  }

  /** What `setBack` told could not be acted upon: it tells it again. */
  notFollowed(back: Milliseconds): void {
    this.#seen += back
  }
}
