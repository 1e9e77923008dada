//
// Owns: addresses of which something was learnt lately, so that not each message learns it anew: those that failed at
// TLS, and those that were silent.

import type { Clock } from '../../core/ports.ts'
import { HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'

type Monotonic = Pick<Clock, 'monotonic'>

/** A peer that mends its TLS is spoken to in clear no longer than this. */
export const clearOnlyAddresses = (clock: Monotonic): Lately => new Lately(clock, HOUR)

/** One that is well again is asked first again after this. */
export const silentAddresses = (clock: Monotonic): Lately => new Lately(clock, 10 * MINUTE)

/** More broken hosts than the internet shows one sender; beyond it the oldest are forgotten. */
const MAX_ADDRESSES = 1000

export class Lately {
  readonly #clock: Monotonic
  readonly #rememberedFor: Milliseconds
  readonly #until = new Map<string, Milliseconds>()

  constructor(clock: Monotonic, rememberedFor: Milliseconds) {
    this.#clock = clock
    this.#rememberedFor = rememberedFor
  }

  has(address: string): boolean {
    const until = this.#until.get(address)
    if (until === undefined) return false
    if (until > this.#clock.monotonic()) return true
    this.#until.delete(address)
    return false
  }

  forget(address: string): void {
    this.#until.delete(address)
  }

  remember(address: string): void {
    this.#until.delete(address)
    this.#until.set(address, this.#clock.monotonic() + this.#rememberedFor)
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= MAX_ADDRESSES) break
      this.#until.delete(oldest)
    }
  }
}
