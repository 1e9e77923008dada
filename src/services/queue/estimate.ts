//
// Owns: `estimated_delivery`: the 95th percentile of accept-to-delivered per destination over the last minutes.
// Measured, never a constant; where nothing was measured, what the queue says.

import type { Milliseconds } from '../../core/time.ts'
import { HOUR, MINUTE, SECOND } from '../../core/time.ts'

const WINDOW: Milliseconds = 5 * MINUTE
const SAMPLES = 256
/** Destinations whose figures are kept; the longest unused goes first. */
const DESTINATIONS = 5000
const PERCENTILE = 0.95

export type Estimate = '<200ms' | '<1s' | '<5s' | '<1m' | '<1h'

interface Ring {
  readonly at: Float64Array
  readonly took: Float64Array
  next: number
  answer: Estimate | null
  answeredAt: Milliseconds
}

export class Estimator {
  readonly #rings = new Map<string, Ring>()

  /** One delivery done: `took` from accept to the receiver's 250. */
  record(destination: string, now: Milliseconds, took: Milliseconds): void {
    const ring = this.#rings.get(destination) ?? this.#open(destination)
    const place = ring.next % SAMPLES
    ring.at[place] = now
    ring.took[place] = took
    ring.next += 1
  }

  /** `ahead`: deliveries that already wait; used while there is no figure of the last minutes. */
  estimate(destination: string, now: Milliseconds, ahead: number): Estimate {
    const ring = this.#rings.get(destination)
    if (!ring) return fromDepth(ahead)
    if (ring.answer && now - ring.answeredAt < SECOND) return ring.answer
    const recent: number[] = []
    const filled = Math.min(ring.next, SAMPLES)
    for (let i = 0; i < filled; i++) {
      if (now - (ring.at[i] ?? 0) <= WINDOW) recent.push(ring.took[i] ?? 0)
    }
    if (recent.length === 0) return fromDepth(ahead)
    recent.sort((a, b) => a - b)
    ring.answer = asWord(recent[Math.ceil(recent.length * PERCENTILE) - 1] ?? 0)
    ring.answeredAt = now
    return ring.answer
  }

  #open(destination: string): Ring {
    if (this.#rings.size >= DESTINATIONS) {
      const oldest = this.#rings.keys().next().value
      if (oldest !== undefined) this.#rings.delete(oldest)
    }
    const ring: Ring = {
      at: new Float64Array(SAMPLES),
      took: new Float64Array(SAMPLES),
      next: 0,
      answer: null,
      answeredAt: 0,
    }
    this.#rings.set(destination, ring)
    return ring
  }
}

const asWord = (took: Milliseconds): Estimate => {
  if (took < 200) return '<200ms'
  if (took < SECOND) return '<1s'
  if (took < 5 * SECOND) return '<5s'
  return took < MINUTE ? '<1m' : '<1h'
}

/** A lane that has shown nothing yet is expected to move a hundred a second. */
const fromDepth = (ahead: number): Estimate => asWord(Math.min(HOUR, SECOND / 2 + ahead * 10))
