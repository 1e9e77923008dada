//
// Owns: noticing that a receiver has lost its wits: many addresses that took mail before are suddenly "unknown" there.
// Such things happen when a provider's directory fails, and whoever believes it empties his own lists. No world.
// Never: what is done about it; learning.ts suppresses nothing meanwhile.

import { MINUTE, type Milliseconds } from '../../core/time.ts'

export interface AnomalyLimits {
  readonly window: Milliseconds
  /** Of the addresses that were reached before and answered in the window, this share may turn unknown. */
  readonly share: number
  /** Fewer lost addresses prove nothing, whatever their share: a small list may be old. */
  readonly least: number
}

export const ANOMALY_LIMITS: AnomalyLimits = { window: 10 * MINUTE, share: 0.1, least: 20 }

/** Hashes kept per minute, so that each address counts once; beyond, nobody doubts the anomaly. */
const MAX_LOST = 10_000

/** Of a sample: so many that chance does not make them. */
const LEAST_SAMPLED = 5

interface Minute {
  /** Times at which addresses took mail that had taken mail before. */
  well: number
  /** Those that turned unknown, each once. */
  readonly lost: Set<number>
}

export interface Weighed {
  readonly anomalous: boolean
  readonly lost: number
  readonly seen: number
}

/** One provider's last ten minutes. */
export class Watch {
  readonly #limits: AnomalyLimits
  readonly #minutes = new Map<number, Minute>()

  constructor(limits: AnomalyLimits) {
    this.#limits = limits
  }

  /** A stretch of the log is noted on a copy: what could not be committed leaves no trace. */
  copy(): Watch {
    const copy = new Watch(this.#limits)
    for (const [at, { well, lost }] of this.#minutes) copy.#minutes.set(at, { well, lost: new Set(lost) })
    return copy
  }

  well(at: Milliseconds): void {
    this.#minute(at).well += 1
  }

  lost(hash: number, at: Milliseconds): void {
    const { lost } = this.#minute(at)
    if (lost.size < MAX_LOST) lost.add(hash)
  }

  /** `sampled`: which part of all addresses is seen at all; the least number shrinks with it, to five at least. */
  weigh(now: Milliseconds, sampled = 1): Weighed {
    const { share } = this.#limits
    const least = Math.min(this.#limits.least, Math.max(LEAST_SAMPLED, this.#limits.least * sampled))
    this.#forget(now)
    const all = new Set<number>()
    let well = 0
    for (const minute of this.#minutes.values()) {
      well += minute.well
      for (const hash of minute.lost) all.add(hash)
    }
    const seen = all.size + well
    return { anomalous: all.size >= least && all.size > seen * share, lost: all.size, seen }
  }

  isEmpty(now: Milliseconds): boolean {
    this.#forget(now)
    return this.#minutes.size === 0
  }

  #minute(at: Milliseconds): Minute {
    const number = Math.floor(at / MINUTE)
    const known = this.#minutes.get(number)
    if (known) return known
    const made = { well: 0, lost: new Set<number>() }
    this.#minutes.set(number, made)
    return made
  }

  #forget(now: Milliseconds): void {
    const first = Math.floor((now - this.#limits.window) / MINUTE)
    for (const number of this.#minutes.keys()) if (number <= first) this.#minutes.delete(number)
  }
}
