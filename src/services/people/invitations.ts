//
// Owns: invitations: a letter with a token to an address, and what becomes of it. Whoever holds the token chooses a
// password, or proves that he is the user whom the address has already.

import type { AccountId, Ids, InvitationId } from '../../core/ids.ts'
import type { Invitation, Membership, Role, User } from '../../core/person.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { PeopleStore } from '../../store/people-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { type InvitationWords, invitationLetter, type Place, type Post } from './letters.ts'
import { addressKey, type LoginFault, type Prover } from './logins.ts'
import { type Passwords, passwordFault } from './passwords.ts'
import { type Actor, mayGive } from './roles.ts'
import { newToken, tokenHash } from './tokens.ts'

export const INVITATION_LIFE: Milliseconds = 7 * DAY
/** Open ones of one account: letters are not for flooding others. */
export const MOST_OPEN = 100
/** Letters of one account in a day, by each node: asking the same one in again, or taking it back, makes room for no more. */
export const LETTERS_A_DAY = 200
const REMEMBERED = 10_000

export interface InvitationParts {
  readonly store: Pick<
    PeopleStore,
    | 'invite'
    | 'invitations'
    | 'invitation'
    | 'revokeInvitation'
    | 'accept'
    | 'userByAddress'
    | 'members'
    | 'member'
    | 'memberships'
  >
  readonly prover: Pick<Prover, 'login'>
  readonly passwords: Passwords
  readonly post: Post
  readonly place: Place
  readonly nameOf: (account: AccountId) => Promise<string>
  readonly clock: Clock
  readonly ids: Pick<Ids, 'user' | 'invitation'>
}

export interface Wanted {
  readonly accountId: AccountId
  readonly address: string
  readonly role: Role
  /** As people call him. */
  readonly by: string
}

export type InviteFault = StoreFault | 'not-allowed' | 'member' | 'too-many'

export interface Invited {
  readonly invitation: Invitation
  /** For the operator alone, who may hand it over himself. */
  readonly token: string
  readonly posted: boolean
}

export interface Acceptance {
  readonly token: string
  readonly name: string | null
  readonly password: string
  readonly code: string | null
  readonly peer: string
}

export type AcceptFault =
  | LoginFault
  | { readonly kind: 'unknown' }
  | { readonly kind: 'member' }
  | { readonly kind: 'password'; readonly say: string }

export class Invitations {
  readonly #parts: InvitationParts
  readonly #letters = new Map<AccountId, { readonly since: Milliseconds; readonly count: number }>()

  constructor(parts: InvitationParts) {
    this.#parts = parts
  }

  async list(account: AccountId): Promise<readonly Invitation[]> {
    const now = this.#parts.clock.now()
    return (await this.#parts.store.invitations(account)).filter(({ expiresAt }) => now < expiresAt)
  }

  async invite(actor: Actor, wanted: Wanted): Promise<Result<Invited, InviteFault>> {
    const { clock, ids, store } = this.#parts
    if (!mayGive(actor, wanted.role)) return fault('not-allowed')
    const address = addressKey(wanted.address)
    const known = await store.userByAddress(address)
    if (known && (await store.member(wanted.accountId, known.user.id))) return fault('member')
    const open = await this.list(wanted.accountId)
    const before = open.find((one) => one.address === address)
    // Of an invitation that he could not have made he cannot make a lesser one either.
    if (before && !mayGive(actor, before.role)) return fault('not-allowed')
    const now = clock.now()
    if ((!before && open.length >= MOST_OPEN) || !this.#mayWrite(actor, wanted.accountId))
      return fault('too-many')
    const token = newToken('mwi')
    const invitation: Invitation = {
      id: ids.invitation(),
      accountId: wanted.accountId,
      address,
      role: wanted.role,
      invitedBy: actor.id,
      createdAt: now,
      expiresAt: now + INVITATION_LIFE,
    }
    const kept = await store.invite(invitation, token.hash)
    if (!kept.ok) return kept
    const words = { to: wanted.address.trim(), by: wanted.by, token: token.text, role: wanted.role }
    return ok({ invitation, token: token.text, posted: await this.#post(invitation, words) })
  }

  async revoke(
    actor: Actor,
    account: AccountId,
    id: InvitationId,
  ): Promise<Result<void, StoreFault | 'unknown' | 'not-allowed'>> {
    const found = (await this.list(account)).find((one) => one.id === id)
    if (!found) return fault('unknown')
    if (!mayGive(actor, found.role)) return fault('not-allowed')
    const revoked = await this.#parts.store.revokeInvitation(account, id)
    if (!revoked.ok) return revoked
    return revoked.value ? ok(undefined) : fault('unknown')
  }

  async accept(given: Acceptance): Promise<Result<{ user: User; membership: Membership }, AcceptFault>> {
    const { clock, store } = this.#parts
    const hash = tokenHash('mwi', given.token)
    const invitation = hash === null ? null : await store.invitation(hash)
    if (invitation === null || clock.now() >= invitation.expiresAt) return fault({ kind: 'unknown' })
    const known = await store.userByAddress(invitation.address)
    const proven = known
      ? await this.#parts.prover.login({ ...given, address: invitation.address })
      : await this.#newcomer(invitation, given)
    if (!proven.ok) return proven
    const { user } = proven.value
    const membership: Membership = {
      accountId: invitation.accountId,
      userId: user.id,
      role: invitation.role,
      state: 'active',
      createdAt: clock.now(),
    }
    const password = 'password' in proven.value ? proven.value.password : null
    const taken = await store.accept({
      id: invitation.id,
      user: password === null ? null : { user, password },
      membership,
    })
    if (!taken.ok)
      return fault(taken.error === 'exists' ? { kind: 'member' } : { kind: 'store', error: taken.error })
    return taken.value ? ok({ user, membership }) : fault({ kind: 'unknown' })
  }

  async #newcomer(
    { address }: Invitation,
    given: Acceptance,
  ): Promise<Result<{ readonly user: User; readonly password: string }, AcceptFault>> {
    const { clock, ids, passwords } = this.#parts
    const wrong = passwordFault(given.password, address)
    if (wrong !== null) return fault({ kind: 'password', say: wrong })
    const password = await passwords.hash(given.password)
    if (password === null) return fault({ kind: 'later', after: 1000 })
    const user: User = {
      id: ids.user(),
      address,
      name: given.name ?? '',
      state: 'active',
      hasCodes: false,
      createdAt: clock.now(),
      lastLoginAt: null,
    }
    return ok({ user, password })
  }

  #mayWrite(actor: Actor, account: AccountId): boolean {
    if (actor.kind === 'operator') return true
    const now = this.#parts.clock.monotonic()
    const before = this.#letters.get(account)
    const { count, since } = before && now - before.since < DAY ? before : { count: 0, since: now }
    if (count >= LETTERS_A_DAY) return false
    this.#letters.delete(account)
    this.#letters.set(account, { since, count: count + 1 })
    const [oldest] = this.#letters.keys()
    if (this.#letters.size > REMEMBERED && oldest !== undefined) this.#letters.delete(oldest)
    return true
  }

  async #post(
    { accountId, id }: Invitation,
    words: Omit<InvitationWords, 'account' | 'id'>,
  ): Promise<boolean> {
    const { nameOf, place, post } = this.#parts
    return post(invitationLetter(place, { ...words, account: await nameOf(accountId), id }))
  }
}
