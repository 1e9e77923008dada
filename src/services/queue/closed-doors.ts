//
// Owns: whose mail, taken out of the store for a provider, had to go back because the one address by which it may leave is
// paused there, while others are not. It is not taken out again before that can have changed.

import type { Milliseconds } from '../../core/time.ts'
import type { Belonging } from './slow-share.ts'

/** A pause may be lifted by hand, and mail of an account need not all leave by one address. */
const LONGEST: Milliseconds = 60_000
/** Accounts at providers. */
const MOST = 10_000

export class ClosedDoors {
  readonly #until = new Map<string, Milliseconds>()

  note(
    provider: string,
    of: Belonging,
    at: { readonly now: Milliseconds; readonly wait: Milliseconds },
  ): void {
    if (this.#until.size >= MOST) this.#until.clear()
    this.#until.set(nameOf(provider, of), at.now + Math.min(at.wait, LONGEST))
  }

  /** Nearly always there is none. */
  isClosed(provider: string, of: Belonging, now: Milliseconds): boolean {
    return this.#until.size > 0 && now < (this.#until.get(nameOf(provider, of)) ?? 0)
  }

  open(): void {
    this.#until.clear()
  }
}

const nameOf = (provider: string, { accountId, stream }: Belonging): string =>
  `${provider} ${stream} ${accountId}`
