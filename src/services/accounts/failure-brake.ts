//
// Owns: how long a wrong key has to wait for its answer (T19): longer with each failure from one address
// and with each failure at one key prefix. Pure: time comes in, a wait comes out.
// Never: locks anybody out. A right key is never slowed down, so nobody can be locked out from elsewhere.

import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

/** The first slips of a person cost nothing. */
const FREE_FAILURES = 3
const FIRST_WAIT: Milliseconds = 250
const LONGEST_WAIT: Milliseconds = 10 * SECOND
/** One failure is forgiven after so long. */
const FORGIVEN_AFTER: Milliseconds = MINUTE
/** From here on an address that guesses passwords is not heard until failures are forgiven: each costs an argon2id. */
const REFUSED_AFTER = 10
/** Addresses and prefixes remembered; who has more of them pushes out his own. */
const MOST = 20_000

interface Record {
  readonly failures: number
  readonly at: Milliseconds
}

export class FailureBrake {
  readonly #records = new Map<string, Record>()

  /** Notes a failure and says how long to wait before saying so. */
  failed(address: string, prefix: string, now: Milliseconds): Milliseconds {
    const failures = Math.max(this.#note(`a ${address}`, now), this.#note(`p ${prefix}`, now))
    return failures <= FREE_FAILURES
      ? 0
      : Math.min(FIRST_WAIT * 2 ** (failures - FREE_FAILURES - 1), LONGEST_WAIT)
  }

  /** What stands against an address or prefix, without adding to it; `wait` is 0 while it may still try. */
  look(address: string, now: Milliseconds): { readonly failures: number; readonly wait: Milliseconds } {
    const before = this.#records.get(`a ${address}`)
    if (!before) return { failures: 0, wait: 0 }
    const forgiven = Math.floor((now - before.at) / FORGIVEN_AFTER)
    const failures = Math.max(0, before.failures - forgiven)
    const left = FORGIVEN_AFTER - ((now - before.at) % FORGIVEN_AFTER)
    return { failures, wait: failures < REFUSED_AFTER ? 0 : left }
  }

  /** Forgets an address that has shown a right key; the prefix stays under watch. */
  succeeded(address: string): void {
    this.#records.delete(`a ${address}`)
  }

  #note(name: string, now: Milliseconds): number {
    const before = this.#records.get(name)
    const forgiven = before ? Math.floor((now - before.at) / FORGIVEN_AFTER) : 0
    const failures = Math.max(0, (before?.failures ?? 0) - forgiven) + 1
    // Set anew, so that the map's order is the order of the last failures.
    this.#records.delete(name)
    this.#records.set(name, { failures, at: now })
    if (this.#records.size > MOST) {
      const [oldest] = this.#records.keys()
      if (oldest !== undefined) this.#records.delete(oldest)
    }
    return failures
  }
}
