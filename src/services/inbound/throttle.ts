//
// Owns: how much of what strangers may send without a proof is taken in a time, by neighbourhood and in all.

import type { Milliseconds } from '../../core/time.ts'

export interface ThrottleLimits {
  /** Per `window`, and as many at once. */
  readonly each: number
  readonly all: number
  readonly window: Milliseconds
}

/** Neighbourhoods that are remembered; those that ask most seldom are forgotten first, and start anew. */
const MAX_KNOWN = 10_000

interface Level {
  readonly tokens: number
  readonly at: Milliseconds
}

const ALL = ''

export class Throttle {
  readonly #limits: ThrottleLimits
  readonly #levels = new Map<string, Level>()

  constructor(limits: ThrottleLimits) {
    this.#limits = limits
  }

  /** `now` is monotonic; `cost` in what the limits count. */
  allows(neighbourhood: string, now: Milliseconds, cost = 1): boolean {
    const { each, all } = this.#limits
    const own = this.#filled(neighbourhood, each, now)
    const whole = this.#filled(ALL, all, now)
    if (own < cost || whole < cost) return false
    this.#set(neighbourhood, { tokens: own - cost, at: now })
    this.#set(ALL, { tokens: whole - cost, at: now })
    return true
  }

  #filled(key: string, most: number, now: Milliseconds): number {
    const level = this.#levels.get(key)
    if (!level) return most
    return Math.min(most, level.tokens + ((now - level.at) * most) / this.#limits.window)
  }

  #set(key: string, level: Level): void {
    this.#levels.delete(key)
    this.#levels.set(key, level)
    if (this.#levels.size <= MAX_KNOWN) return
    const [oldest] = this.#levels.keys()
    if (oldest !== undefined) this.#levels.delete(oldest)
  }
}
