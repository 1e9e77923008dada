//
// Owns: which addresses failed at TLS lately, so that each message does not fail there again first.

import type { Clock } from '../../core/ports.ts'
import { HOUR, type Milliseconds } from '../../core/time.ts'

/** A peer that mends its TLS is spoken to in clear no longer than this. */
const REMEMBERED_FOR: Milliseconds = HOUR
/** More broken hosts than the internet shows one sender; beyond it the oldest are forgotten. */
const MAX_ADDRESSES = 1000

export class ClearOnly {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #until = new Map<string, Milliseconds>()

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  has(address: string): boolean {
    const until = this.#until.get(address)
    if (until === undefined) return false
    if (until > this.#clock.monotonic()) return true
    this.#until.delete(address)
    return false
  }

  remember(address: string): void {
    this.#until.delete(address)
    this.#until.set(address, this.#clock.monotonic() + REMEMBERED_FOR)
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= MAX_ADDRESSES) break
      this.#until.delete(oldest)
    }
  }
}
