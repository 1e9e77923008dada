//
// Owns: what was learned, for as long as it may be believed; bounded in entries. Time is monotonic: a clock that is
// set by hand neither revives nor kills an answer (F6).

import type { Milliseconds } from '../../core/time.ts'

interface Entry<Value> {
  readonly value: Value
  readonly until: Milliseconds
}

export interface Kept<Value> {
  readonly value: Value
  readonly left: Milliseconds
}

export class TtlCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #limit: number
  readonly #monotonic: () => Milliseconds

  constructor(limit: number, monotonic: () => Milliseconds) {
    this.#limit = limit
    this.#monotonic = monotonic
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Kept<Value> | null {
    const entry = this.#entries.get(key)
    if (!entry) return null
    const left = entry.until - this.#monotonic()
    if (left > 0) return { value: entry.value, left }
    this.#entries.delete(key)
    return null
  }

  /** The oldest entry makes room: recency by use would cost a write per hit, and answers age out anyway. */
  put(key: string, value: Value, lifetime: Milliseconds): void {
    this.#entries.delete(key)
    if (this.#limit < 1) return
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    this.#entries.set(key, { value, until: this.#monotonic() + lifetime })
  }
}
