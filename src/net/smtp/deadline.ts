//
// Owns: one deadline that moves often and is rarely reached. A session moves it several times per message,
// so it is a number; the timer behind it is set anew only when it goes off too early.

import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'

export class Deadline {
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>
  readonly #reached: () => void
  #at: Milliseconds | null = null
  #rings: Milliseconds = 0
  #cancel: (() => void) | null = null

  constructor(clock: Pick<Clock, 'monotonic' | 'after'>, reached: () => void) {
    this.#clock = clock
    this.#reached = reached
  }

  /** Replaces the deadline that stood before. */
  set(wait: Milliseconds): void {
    const now = this.#clock.monotonic()
    this.#at = now + wait
    if (this.#cancel !== null && this.#rings <= this.#at) return
    this.#cancel?.()
    this.#arm(now)
  }

  clear(): void {
    this.#at = null
    this.#cancel?.()
    this.#cancel = null
  }

  #arm(now: Milliseconds): void {
    if (this.#at === null) return
    this.#rings = this.#at
    this.#cancel = this.#clock.after(Math.max(0, this.#at - now), () => this.#ring())
  }

  #ring(): void {
    this.#cancel = null
    if (this.#at === null) return
    const now = this.#clock.monotonic()
    // A timer may ring a fraction of a millisecond before its time.
    if (now + 1 < this.#at) {
      this.#arm(now)
      return
    }
    this.#at = null
    this.#reached()
  }
}
