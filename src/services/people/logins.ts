//
// Owns: proving who somebody is: password, then a one-time code where he has set that up. One answer and one time for
// every kind of wrong; what comes wrong waits (login-brake.ts).

import type { AccountId, UserId } from '../../core/ids.ts'
import type { Membership, User } from '../../core/person.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { CodeState, KnownUser, PeopleStore } from '../../store/people-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { recoveryHash, stepOf } from './codes.ts'
import type { Attempt, LoginBrake } from './login-brake.ts'
import type { Passwords } from './passwords.ts'

export interface LoginAsk {
  readonly address: string
  readonly password: string
  /** Of the authenticator, or one that works once. Null: none was given. */
  readonly code: string | null
  readonly peer: string
}

export type LoginFault =
  /** Whatever was wrong: nobody is told what. */
  | { readonly kind: 'wrong'; readonly user: User | null }
  /** The password is right, and there is a code to give. */
  | { readonly kind: 'code-needed' }
  | { readonly kind: 'later'; readonly after: Milliseconds }
  | { readonly kind: 'store'; readonly error: StoreFault }

export interface ProverParts {
  readonly store: Pick<PeopleStore, 'userByAddress' | 'user' | 'takeStep' | 'setCodes' | 'memberships'>
  readonly passwords: Passwords
  readonly brake: LoginBrake
  readonly clock: Clock
  /** Opens the sealed secret of somebody's codes; null: it was sealed with a secret that is gone. */
  readonly open: (user: UserId, sealed: Uint8Array) => Uint8Array | null
}

/** In lower case: two spellings of an address are one person. */
export const addressKey = (address: string): string => address.trim().toLowerCase()

const BUSY: LoginFault = { kind: 'later', after: SECOND }

export class Prover {
  readonly #parts: ProverParts

  constructor(parts: ProverParts) {
    this.#parts = parts
  }

  /** Who can be proven, and is in some account. */
  async login(ask: LoginAsk): Promise<Result<KnownUser, LoginFault>> {
    const address = addressKey(ask.address)
    return this.#guarded({ peer: ask.peer, who: address }, async () => {
      const known = await this.#parts.store.userByAddress(address)
      const isActive = known !== null && known.user.state === 'active'
      const same = await this.#parts.passwords.matches(
        ask.password,
        isActive ? known.credentials.password : null,
      )
      if (same === null) return fault(BUSY)
      if (!same || known === null) return fault({ kind: 'wrong', user: known?.user ?? null })
      const proven = await this.#prove(known, ask.code)
      return proven.ok ? ok(known) : proven
    })
  }

  /** Of somebody who is logged in already: he could have left his desk. */
  async again(
    id: UserId,
    given: { readonly password: string; readonly code?: string | null; readonly peer: string },
  ): Promise<Result<KnownUser, LoginFault>> {
    return this.#guarded({ peer: given.peer, who: id }, async () => {
      const known = await this.#parts.store.user(id)
      const same = await this.#parts.passwords.matches(given.password, known?.credentials.password ?? null)
      if (same === null) return fault(BUSY)
      if (!same || known === null) return fault({ kind: 'wrong', user: known?.user ?? null })
      if (given.code === undefined) return ok(known)
      const proven = await this.#prove(known, given.code)
      return proven.ok ? ok(known) : proven
    })
  }

  /** The wanted one, else the oldest; null: he may not. */
  async account(user: UserId, wanted: AccountId | null): Promise<Membership | null> {
    const all = (await this.#parts.store.memberships(user)).filter(({ state }) => state === 'active')
    return all.find(({ accountId }) => wanted === null || accountId === wanted) ?? null
  }

  async #guarded<T>(
    attempt: Attempt,
    work: () => Promise<Result<T, LoginFault>>,
  ): Promise<Result<T, LoginFault>> {
    const { brake, clock } = this.#parts
    const after = brake.enter(attempt, clock.monotonic())
    if (after !== null) return fault({ kind: 'later', after })
    try {
      const done = await work()
      if (done.ok) brake.succeeded(attempt)
      else if (done.error.kind === 'wrong') await this.#wait(brake.failed(attempt, clock.monotonic()))
      return done
    } finally {
      brake.leave(attempt)
    }
  }

  #wait(ms: Milliseconds): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => void this.#parts.clock.after(ms, resolve))
  }

  /** Nothing to prove where no codes were set up. */
  async #prove({ credentials, user }: KnownUser, code: string | null): Promise<Result<void, LoginFault>> {
    const { codes } = credentials
    if (codes.sealed === null) return ok(undefined)
    if (code === null || code.trim() === '') return fault({ kind: 'code-needed' })
    // Whoever comes here has the password: guessing codes from many addresses is slowed for all of them together.
    const attempt = { peer: `code ${user.id}`, who: `code ${user.id}` }
    const after = this.#parts.brake.enter(attempt, this.#parts.clock.monotonic())
    if (after !== null) return fault({ kind: 'later', after })
    try {
      const taken = await this.#take(user, codes, code)
      if (taken.ok && taken.value) this.#parts.brake.succeeded(attempt)
      if (taken.ok && !taken.value) this.#parts.brake.failed(attempt, this.#parts.clock.monotonic())
      if (!taken.ok) return fault({ kind: 'store', error: taken.error })
      return taken.value ? ok(undefined) : fault({ kind: 'wrong', user })
    } finally {
      this.#parts.brake.leave(attempt)
    }
  }

  /** Of several that come with one code, also on several nodes, one gets `true`. */
  async #take(user: User, codes: CodeState, code: string): Promise<Result<boolean, StoreFault>> {
    const { clock, open, store } = this.#parts
    const secret = codes.sealed === null ? null : open(user.id, codes.sealed)
    const step = secret === null ? null : stepOf(secret, code, clock.now())
    if (step !== null) return store.takeStep(user.id, step)
    const used = recoveryHash(code)
    if (!codes.recovery.includes(used)) return ok(false)
    return store.setCodes(user.id, codes, {
      ...codes,
      recovery: codes.recovery.filter((one) => one !== used),
    })
  }
}
