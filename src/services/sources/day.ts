//
// Owns: which day it is for those who count by days (UTC), on a clock that may be set while we run, or while we do not.
//
// Days end by the monotonic clock and are set right by the wall clock when they do: a clock that is set by a day in the
// middle of a day gives no second day, and one that is set back takes none away. Over a restart the machine's uptime
// goes on counting. Over a boot of the machine nothing does: then the wall clock is believed, for a day of silence after
// every boot would be the price of not believing it.

import type { Clock, Uptime } from '../../core/ports.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'

/** A day that was counted, with its end by the uptime of that boot. */
export interface KeptDay {
  readonly boot: string
  readonly day: number
  readonly endsAt: Milliseconds
}

export interface DayMemory {
  kept(): KeptDay | null
  keep(day: KeptDay): void
}

export class DayCount {
  readonly #clock: Clock
  readonly #memory: DayMemory | null
  #day: number
  /** Monotonic. */
  #endsAt: Milliseconds
  #keeps = false

  constructor(clock: Clock, memory: DayMemory | null = null) {
    this.#clock = clock
    this.#memory = memory
    const { day, left } = resumed(clock.now(), clock.uptime?.() ?? null, memory?.kept() ?? null)
    this.#day = day
    this.#endsAt = clock.monotonic() + left
  }

  /** From now on the day outlives us. */
  start(): void {
    this.#keeps = true
    this.#keep()
  }

  today(): number {
    const now = this.#clock.monotonic()
    if (now < this.#endsAt) return this.#day
    const { day, left } = dayAfter(this.#day, this.#clock.now())
    this.#day = day
    this.#endsAt = now + left
    this.#keep()
    return day
  }

  untilTomorrow(): Milliseconds {
    this.today()
    return this.#endsAt - this.#clock.monotonic()
  }

  #keep(): void {
    if (!this.#keeps || this.#memory === null) return
    const machine = this.#clock.uptime?.() ?? null
    if (machine === null) return
    const endsAt = machine.uptime + this.#endsAt - this.#clock.monotonic()
    this.#memory.keep({ boot: machine.boot, day: this.#day, endsAt })
  }
}

interface Day {
  readonly day: number
  readonly left: Milliseconds
}

/** The day with which a process begins. */
export function resumed(wall: Milliseconds, machine: Uptime | null, kept: KeptDay | null): Day {
  if (machine === null || kept === null || machine.boot !== kept.boot) {
    return { day: Math.floor(wall / DAY), left: leftOf(wall) }
  }
  const left = kept.endsAt - machine.uptime
  return left > 0 ? { day: kept.day, left } : dayAfter(kept.day, wall)
}

function dayAfter(over: number, wall: Milliseconds): Day {
  const left = leftOf(wall)
  // The two clocks drift: at a minute to midnight this is the day that begins, not the one that ends.
  return { day: Math.max(over + 1, Math.floor(wall / DAY)), left: left < DAY / 2 ? left + DAY : left }
}

const leftOf = (wall: Milliseconds): Milliseconds => DAY - (((wall % DAY) + DAY) % DAY)
