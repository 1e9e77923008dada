//
// Owns: answers of the store kept for a moment, so that the hot path does not ask for each message.
// Bounded in number; who asks while the store is being asked shares its answer.

import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'

export interface CacheBounds {
  readonly life: Milliseconds
  readonly most: number
}

interface Entry<T> {
  readonly answer: Promise<T>
  readonly until: Milliseconds
}

export class Cache<T> {
  readonly #clock: Clock
  readonly #bounds: CacheBounds
  readonly #entries = new Map<string, Entry<T>>()

  constructor(clock: Clock, bounds: CacheBounds) {
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Life counts from the question, not from its answer: the answer may be as old as that. */
  get(name: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#clock.monotonic()
    const entry = this.#entries.get(name)
    if (entry && now < entry.until) return entry.answer
    const answer = ask()
    this.#entries.delete(name)
    this.#entries.set(name, { answer, until: now + this.#bounds.life })
    this.#dropOldest()
    // A failed question is nobody's answer but of those who asked it.
    answer.catch(() => this.#entries.get(name)?.answer === answer && this.#entries.delete(name))
    return answer
  }

  forget(name: string): void {
    this.#entries.delete(name)
  }

  clear(): void {
    this.#entries.clear()
  }

  #dropOldest(): void {
    if (this.#entries.size <= this.#bounds.most) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
