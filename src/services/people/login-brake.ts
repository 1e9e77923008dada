//
// Owns: how fast passwords and codes can be guessed (T19): each wrong answer waits longer, an address that goes on guessing
// is refused unheard, and of one address and at one user only a few guesses run at the same time.
// Never: locks out the owner from elsewhere: from an address without failures a login is always heard.

import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { FailureBrake } from '../accounts/failure-brake.ts'

/** From one address; and at one user, from addresses that have failed before. */
const AT_ONCE = 4
/** Addresses of whose failures it is known whom they were for. */
const MOST = 20_000

export interface Attempt {
  /** From where. */
  readonly peer: string
  /** As which user: the address, whether there is one or not. */
  readonly who: string
}

export class LoginBrake {
  readonly #brake: FailureBrake
  readonly #running = new Map<string, number>()
  /** Whom the failures of an address were for; null: for several. */
  readonly #guessed = new Map<string, string | null>()

  constructor(brake: FailureBrake) {
    this.#brake = brake
  }

  /** Null: let it in, and `leave` when it has its answer. Else when to come again. */
  enter({ peer, who }: Attempt, now: Milliseconds): Milliseconds | null {
    const { failures, wait } = this.#brake.look(peer, now)
    if (wait > 0) return wait
    if (failures === 0) this.#guessed.delete(peer)
    if (this.#at(`a ${peer}`) >= AT_ONCE) return SECOND
    if (failures > 0 && this.#at(`w ${who}`) >= AT_ONCE) return SECOND
    this.#move(`a ${peer}`, 1)
    this.#move(`w ${who}`, 1)
    return null
  }

  leave({ peer, who }: Attempt): void {
    this.#move(`a ${peer}`, -1)
    this.#move(`w ${who}`, -1)
  }

  /** How long to wait before saying that it was wrong. */
  failed({ peer, who }: Attempt, now: Milliseconds): Milliseconds {
    const before = this.#guessed.get(peer)
    this.#guessed.delete(peer)
    this.#guessed.set(peer, before === undefined || before === who ? who : null)
    const [oldest] = this.#guessed.keys()
    if (this.#guessed.size > MOST && oldest !== undefined) this.#guessed.delete(oldest)
    return this.#brake.failed(peer, `login ${who}`, now)
  }

  /** Who has mistyped his own password is forgiven; who guesses at others is not, however often he logs in himself. */
  succeeded({ peer, who }: Attempt): void {
    if (this.#guessed.get(peer) !== who) return
    this.#guessed.delete(peer)
    this.#brake.succeeded(peer)
  }

  #at(name: string): number {
    return this.#running.get(name) ?? 0
  }

  #move(name: string, by: 1 | -1): void {
    const running = this.#at(name) + by
    if (running <= 0) this.#running.delete(name)
    else this.#running.set(name, running)
  }
}
