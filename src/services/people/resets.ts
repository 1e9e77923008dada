//
// Owns: a new password for who has forgotten his: a letter with a token that is good for an hour and once.
// Never: says whether an address has a user, by answer or by time: the looking comes after the answer.

import type { Ids, UserId } from '../../core/ids.ts'
import type { User } from '../../core/person.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { PeopleStore } from '../../store/people-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { changedLetter, type Place, type Post, resetLetter } from './letters.ts'
import { addressKey } from './logins.ts'
import { type Passwords, passwordFault } from './passwords.ts'
import type { Sessions } from './sessions.ts'
import { newToken, tokenHash } from './tokens.ts'

export const RESET_LIFE: Milliseconds = HOUR
/** A user gets one letter in so long: nobody fills another's mailbox by asking. */
const LETTER_EVERY: Milliseconds = 5 * MINUTE
/** Looked up at the same time; more are dropped, and asked for again by people. */
const UNDER_WAY = 100
const REMEMBERED = 10_000

export interface ResetParts {
  readonly store: Pick<
    PeopleStore,
    'userByAddress' | 'user' | 'addReset' | 'reset' | 'takeReset' | 'setPassword'
  >
  readonly sessions: Pick<Sessions, 'changed'>
  readonly passwords: Passwords
  readonly post: Post
  readonly place: Place
  readonly clock: Clock
  readonly log: Log
  readonly ids: Pick<Ids, 'request'>
}

export type ResetFault =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'later'; readonly after: Milliseconds }
  | { readonly kind: 'password'; readonly say: string }
  | { readonly kind: 'store'; readonly error: StoreFault }

export class Resets {
  readonly #parts: ResetParts
  readonly #lately = new Map<UserId, Milliseconds>()
  #underWay = 0

  constructor(parts: ResetParts) {
    this.#parts = parts
  }

  /** Returns at once, whoever it is. */
  ask(address: string): void {
    if (this.#underWay >= UNDER_WAY) return
    this.#underWay += 1
    this.#find(addressKey(address))
      .catch((error) => this.#parts.log.warn('a reset could not be sent', { error: String(error) }))
      .finally(() => {
        this.#underWay -= 1
      })
  }

  /** The token itself, for the operator to hand over. */
  async issue(user: UserId): Promise<Result<string, StoreFault>> {
    const { clock, store } = this.#parts
    const { hash, text } = newToken('mwr')
    const added = await store.addReset(hash, user, clock.now() + RESET_LIFE)
    return added.ok ? ok(text) : added
  }

  async confirm(token: string, password: string): Promise<Result<User, ResetFault>> {
    const { clock, ids, passwords, place, post, sessions, store } = this.#parts
    const hash = tokenHash('mwr', token)
    const reset = hash === null ? null : await store.reset(hash)
    const known = reset === null ? null : await store.user(reset.userId)
    if (hash === null || reset === null || known === null || clock.now() >= reset.expiresAt) {
      return fault({ kind: 'unknown' })
    }
    const wrong = passwordFault(password, known.user.address)
    if (wrong !== null) return fault({ kind: 'password', say: wrong })
    const hashed = await passwords.hash(password)
    if (hashed === null) return fault({ kind: 'later', after: 1000 })
    const taken = await store.takeReset(hash)
    if (!taken.ok) return fault({ kind: 'store', error: taken.error })
    if (!taken.value) return fault({ kind: 'unknown' })
    const set = await store.setPassword(known.user.id, hashed, null)
    sessions.changed()
    if (!set.ok) return fault({ kind: 'store', error: set.error })
    const what = 'Your password was changed'
    void post(changedLetter(place, { to: known.user.address, what, key: ids.request() }))
    return ok(known.user)
  }

  async #find(address: string): Promise<void> {
    const { place, post, store } = this.#parts
    const known = await store.userByAddress(address)
    if (known === null || known.user.state !== 'active' || !this.#isTurn(known.user.id)) return
    const token = await this.issue(known.user.id)
    if (!token.ok) return
    await post(
      resetLetter(place, { to: known.user.address, token: token.value, key: this.#parts.ids.request() }),
    )
  }

  #isTurn(user: UserId): boolean {
    const now = this.#parts.clock.monotonic()
    const last = this.#lately.get(user)
    if (last !== undefined && now - last < LETTER_EVERY) return false
    this.#lately.delete(user)
    this.#lately.set(user, now)
    const [oldest] = this.#lately.keys()
    if (this.#lately.size > REMEMBERED && oldest !== undefined) this.#lately.delete(oldest)
    return true
  }
}
