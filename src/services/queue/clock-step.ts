//
// Owns: by how much the host's clock was set forward since this boot began (F6): wall time against monotonic time.
// Never: the time of anything that people or peers read; that is the wall clock's, right or wrong.

import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'

export class ClockStep {
  readonly #clock: Clock
  readonly #start: Milliseconds

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = clock.now() - clock.monotonic()
  }

  /**
   * What must be taken off the wall clock to tell the age of something that was created at `createdAt`. Mail accepted
   * after the step carries the new time and has its age right. A clock that was set back ends nothing too early.
   */
  since(createdAt: Milliseconds): Milliseconds {
    const now = this.#clock.now()
    const ahead = now - this.#clock.monotonic() - this.#start
    return ahead > 0 && createdAt <= now - ahead ? ahead : 0
  }
}
