//
// Owns: which day it is for those who count by days (UTC), on a clock that may be set while we run.
//
// Days end by the monotonic clock and are set right by the wall clock when they do: a clock that is set by a day in the
// middle of a day gives no second day, and one that is set back takes none away.

import type { Clock } from '../../core/ports.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'

export class DayCount {
  readonly #clock: Clock
  #day: number
  /** Monotonic. */
  #endsAt: Milliseconds

  constructor(clock: Clock) {
    this.#clock = clock
    this.#day = Math.floor(clock.now() / DAY)
    this.#endsAt = clock.monotonic() + leftOf(clock.now())
  }

  today(): number {
    const now = this.#clock.monotonic()
    if (now < this.#endsAt) return this.#day
    const wall = this.#clock.now()
    this.#day = Math.max(this.#day + 1, Math.floor(wall / DAY))
    const left = leftOf(wall)
    // The two clocks drift: at a minute to midnight this is the day that begins, not the one that ends.
    this.#endsAt = now + (left < DAY / 2 ? left + DAY : left)
    return this.#day
  }

  untilTomorrow(): Milliseconds {
    this.today()
    return this.#endsAt - this.#clock.monotonic()
  }
}

const leftOf = (wall: Milliseconds): Milliseconds => DAY - (((wall % DAY) + DAY) % DAY)
