//
// Owns: who belongs to an account and as what: looked at, changed, taken out. Sessions end with it.
// Never: a user of another account; every look-up carries the account (invariant I12).

import type { AccountId, UserId } from '../../core/ids.ts'
import type { Member, Role, Standing } from '../../core/person.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { LastOwner, MemberStore } from '../../store/people-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { type Actor, mayGive } from './roles.ts'
import type { Sessions } from './sessions.ts'

export interface MemberParts {
  readonly store: MemberStore
  readonly sessions: Pick<Sessions, 'changed'>
}

export type MemberFault = StoreFault | LastOwner | 'unknown' | 'not-allowed'

export interface MemberChange {
  readonly role?: Role | undefined
  readonly state?: Standing | undefined
}

export class Members {
  readonly #parts: MemberParts

  constructor(parts: MemberParts) {
    this.#parts = parts
  }

  list(account: AccountId): Promise<readonly Member[]> {
    return this.#parts.store.members(account)
  }

  get(account: AccountId, user: UserId): Promise<Member | null> {
    return this.#parts.store.member(account, user)
  }

  async change(actor: Actor, before: Member, change: MemberChange): Promise<Result<Member, MemberFault>> {
    const { membership, user } = before
    const next = {
      ...membership,
      role: change.role ?? membership.role,
      state: change.state ?? membership.state,
    }
    if (!mayGive(actor, membership.role) || !mayGive(actor, next.role)) return fault('not-allowed')
    if (next.role === membership.role && next.state === membership.state) return ok(before)
    const changed = await this.#parts.store.changeMember(next)
    this.#parts.sessions.changed()
    if (!changed.ok) return changed
    return changed.value ? ok({ user, membership: next }) : fault('unknown')
  }

  async remove(actor: Actor, { membership, user }: Member): Promise<Result<void, MemberFault>> {
    // Everybody may go himself.
    const isHimself = actor.kind === 'user' && actor.id === user.id
    if (!isHimself && !mayGive(actor, membership.role)) return fault('not-allowed')
    const removed = await this.#parts.store.removeMember(membership.accountId, user.id)
    this.#parts.sessions.changed()
    if (!removed.ok) return removed
    return removed.value ? ok(undefined) : fault('unknown')
  }
}
