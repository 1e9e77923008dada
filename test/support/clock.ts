//
// Owns: a clock that stands still until a test moves it.

import type { Clock } from '../../src/core/ports.ts'
import type { Milliseconds } from '../../src/core/time.ts'

export interface HandClock extends Clock {
  /** Moves both clocks and calls what falls due, in order; what that sets up in between is called as well. */
  advance(by: Milliseconds): void
  /** The process was stopped for so long (F20): what fell due meanwhile is called late, when it wakes. */
  pause(by: Milliseconds): void
  /** The host's clock is set; the monotonic one does not notice (F6). */
  jump(by: Milliseconds): void
  /** How many waits are pending. */
  readonly waits: number
}

interface Wait {
  readonly at: Milliseconds
  readonly then: () => void
}

/** A tick for `handClock` with which, as on real hosts, what is reckoned of both clocks is no whole number. */
export const WITH_FRACTIONS: Milliseconds = 1 / 256

/** Starts on 2026-01-01T00:00:00Z unless told otherwise. With a `tick` monotonic time goes on by so much each time it is read. */
export function handClock(start: Milliseconds = Date.UTC(2026, 0, 1), tick: Milliseconds = 0): HandClock {
  const waits = new Set<Wait>()
  let monotonic = 0
  let ticks = 0
  let offset = start
  const earliest = (until: Milliseconds): Wait | undefined =>
    [...waits].filter((wait) => wait.at <= until).sort((a, b) => a.at - b.at)[0]
  return {
    now: () => offset + monotonic,
    monotonic: () => {
      ticks += tick
      return monotonic + ticks
    },
    after: (wait, then) => {
      const entry = { at: monotonic + Math.max(0, wait), then }
      waits.add(entry)
      return () => void waits.delete(entry)
    },
    advance: (by) => {
      const end = monotonic + by
      for (let next = earliest(end); next; next = earliest(end)) {
        waits.delete(next)
        monotonic = Math.max(monotonic, next.at)
        next.then()
      }
      monotonic = end
    },
    pause: (by) => {
      monotonic += by
      for (let next = earliest(monotonic); next; next = earliest(monotonic)) {
        waits.delete(next)
        next.then()
      }
    },
    jump: (by) => {
      offset += by
    },
    get waits() {
      return waits.size
    },
  }
}
