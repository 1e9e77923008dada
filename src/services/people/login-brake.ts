//
// Owns: how fast passwords and codes can be guessed (T19): each wrong answer waits longer, an address that goes on guessing
// is refused unheard, and of one user's guesses only a few run at the same time.
// Never: locks out the owner from elsewhere: from an address without failures a login is always heard.

import type { Milliseconds } from '../../core/time.ts'
import type { FailureBrake } from '../accounts/failure-brake.ts'

/** Of one user, from addresses that have failed before. */
const GUESSES_AT_ONCE = 4

export interface Attempt {
  /** From where; neighbours count as one. */
  readonly peer: string
  /** As which user: the address, whether there is one or not. */
  readonly who: string
}

export class LoginBrake {
  readonly #brake: FailureBrake
  readonly #guesses = new Map<string, number>()

  constructor(brake: FailureBrake) {
    this.#brake = brake
  }

  /** Null: let it in, and `leave` when it has its answer. Else when to come again. */
  enter({ peer, who }: Attempt, now: Milliseconds): Milliseconds | null {
    const { failures, wait } = this.#brake.look(peer, now)
    if (wait > 0) return wait
    const running = this.#guesses.get(who) ?? 0
    if (failures > 0 && running >= GUESSES_AT_ONCE) return 1000
    this.#guesses.set(who, running + 1)
    return null
  }

  leave({ who }: Attempt): void {
    const running = (this.#guesses.get(who) ?? 1) - 1
    if (running <= 0) this.#guesses.delete(who)
    else this.#guesses.set(who, running)
  }

  /** How long to wait before saying that it was wrong. */
  failed({ peer, who }: Attempt, now: Milliseconds): Milliseconds {
    return this.#brake.failed(peer, `login ${who}`, now)
  }

  succeeded({ peer }: Attempt): void {
    this.#brake.succeeded(peer)
  }
}
