//
// Owns: which of our addresses a provider has blocked lately, and for how long its mail goes another way before that one
// is tried again. Kept in memory: after a restart one message finds out anew, and loses nothing by it.

import type { Clock } from '../../core/ports.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'

const FIRST: Milliseconds = HOUR
const LONGEST: Milliseconds = DAY

interface Detour {
  /** Monotonic. */
  readonly until: Milliseconds
  readonly lasts: Milliseconds
}

export class Detours {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #detours = new Map<string, Detour>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** What was under way when the block began adds nothing to it; one that comes after a detour doubles the next. */
  blocked(source: string, provider: string): void {
    const key = keyOf(source, provider)
    const now = this.#clock.monotonic()
    const last = this.#detours.get(key)
    if (last && now < last.until) return
    const lasts = last ? Math.min(2 * last.lasts, LONGEST) : FIRST
    this.#detours.set(key, { until: now + lasts, lasts })
  }

  /** The straight way worked. */
  passed(source: string, provider: string): void {
    if (this.#detours.size > 0) this.#detours.delete(keyOf(source, provider))
  }

  /** Nearly always there is none, and then nothing is looked up. */
  has(source: string, provider: string): boolean {
    if (this.#detours.size === 0) return false
    const detour = this.#detours.get(keyOf(source, provider))
    return detour !== undefined && this.#clock.monotonic() < detour.until
  }
}

const keyOf = (source: string, provider: string): string => `${provider} ${source}`
