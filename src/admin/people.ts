//
// Owns: people as the operator sees them: the first owner, who is locked out or in, and what was done.

import { parseMailbox } from '../core/address.ts'
import { type Member, ROLES, type Role, roleIn } from '../core/person.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { PeopleDesk } from '../services/people/desk.ts'
import type { InviteFault } from '../services/people/invitations.ts'
import { invitationLink, resetLink } from '../services/people/letters.ts'
import { addressKey } from '../services/people/logins.ts'
import type { MemberFault } from '../services/people/members.ts'
import { passwordFault } from '../services/people/passwords.ts'
import type { Actor } from '../services/people/roles.ts'
import type { AuditStore } from '../store/audit-store.ts'
import type { KnownUser } from '../store/people-store.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { accountNamed, accountNames } from './directory.ts'
import { iso, isoOrNull, notFound, storeFault } from './faults.ts'
import type { UserAddAsk, UserAdded, UserRow } from './people-rows.ts'

export interface PeopleAdminParts {
  readonly accounts: Accounts
  readonly people: PeopleDesk
  readonly auditLog: Pick<AuditStore, 'page'>
  readonly clock: Clock
}

export type PeopleActions = Pick<AdminActions, (`user${string}` | `audit${string}`) & keyof AdminActions>

const OPERATOR: Actor = { kind: 'operator', id: 'operator' }

export function peopleActions(parts: PeopleAdminParts): PeopleActions {
  const { accounts, people } = parts
  return {
    ...auditActions(parts),
    userAdd: (ask) => add(parts, ask),
    async userList({ account }) {
      const owner = account === null ? null : await accountNamed(accounts, account)
      if (owner?.ok === false) return owner
      const wanted = owner?.ok ? [owner.value] : await accounts.list()
      const rows: UserRow[] = []
      for (const { id, name } of wanted) {
        rows.push(...(await people.members.list(id)).map((member) => userRow(member, name)))
      }
      return ok(rows)
    },
    async userState({ address, state }) {
      const known = await userNamed(people, address)
      if (!known.ok) return known
      const done = await people.store.setUserState(known.value.user.id, state)
      people.sessions.changed()
      return done.ok ? ok({ address: known.value.user.address, state }) : fault(storeFault(done.error))
    },
    async userReset({ address, codes }) {
      const known = await userNamed(people, address)
      if (!known.ok) return known
      const { user } = known.value
      if (codes) {
        const dropped = await people.profile.dropCodes(user.id)
        if (!dropped.ok) return fault(TRY_AGAIN)
      }
      const token = await people.resets.issue(user.id)
      if (!token.ok) return fault(storeFault(token.error))
      const link = resetLink(people, token.value)
      return ok({ address: user.address, link, token: token.value, codes_removed: codes })
    },
    async userRole({ account, address, role: named }) {
      const owner = await accountNamed(accounts, account)
      if (!owner.ok) return owner
      const role = roleNamed(named)
      if (!role.ok) return role
      const known = await userNamed(people, address)
      if (!known.ok) return known
      const member = await people.members.get(owner.value.id, known.value.user.id)
      if (!member) return fault(noUser(`${address} in ${account}`))
      const changed = await people.members.change(OPERATOR, member, { role: role.value })
      return changed.ok ? ok(userRow(changed.value, account)) : fault(memberFault(changed.error))
    },
  }
}

/** By an invitation, or at once where a password is given. */
async function add(parts: PeopleAdminParts, ask: UserAddAsk): Promise<Result<UserAdded, AdminFault>> {
  const { accounts, people } = parts
  const owner = await accountNamed(accounts, ask.account)
  if (!owner.ok) return owner
  const address = parseMailbox(ask.address.trim())
  if (!address.ok) return fault(invalid('address', ask.address, 'want an address such as ann@example.com'))
  const role = roleNamed(ask.role)
  if (!role.ok) return role
  const wanted = { accountId: owner.value.id, address: address.value, role: role.value }
  if (ask.password !== null) return addNow(parts, wanted, { ...ask, password: ask.password })
  const made = await people.invitations.invite(OPERATOR, { ...wanted, by: 'The operator' })
  if (!made.ok) return fault(memberFault(made.error))
  const { invitation, posted, token } = made.value
  return ok({
    ...{ address: invitation.address, account: ask.account, role: role.value, id: null },
    ...{ link: invitationLink(people, token), token, posted },
  })
}

type Wanted = Pick<Member['membership'], 'accountId' | 'role'> & { readonly address: string }

/** With a password at once: for machines that are set up by a program, and for the first owner. */
async function addNow(
  { clock, people }: PeopleAdminParts,
  { accountId, address, role }: Wanted,
  { account, name, password }: UserAddAsk & { readonly password: string },
): Promise<Result<UserAdded, AdminFault>> {
  const wrong = passwordFault(password, address)
  if (wrong !== null) return fault(invalid('password', '…', wrong))
  const hashed = await people.passwords.hash(password)
  if (hashed === null) return fault(TRY_AGAIN)
  const now = clock.now()
  const id = people.newUserId()
  const user = {
    ...({ id, address: addressKey(address), name, state: 'active', hasCodes: false } as const),
    ...{ createdAt: now, lastLoginAt: null },
  }
  const membership = { accountId, userId: id, role, state: 'active', createdAt: now } as const
  const added = await people.store.addUser(user, hashed, membership)
  if (added.ok)
    return ok({ address: user.address, account, role, id, link: null, token: null, posted: false })
  if (added.error !== 'exists') return fault(storeFault(added.error))
  return fault({
    code: 'exists',
    message: `${user.address} is a user already; add him without a password: he is invited and keeps his own`,
  })
}

function auditActions({ accounts, auditLog }: PeopleAdminParts): Pick<PeopleActions, 'auditList'> {
  return {
    async auditList({ account, action, actor, after, limit, subject }) {
      const owner = account === null ? null : await accountNamed(accounts, account)
      if (owner?.ok === false) return owner
      const nameOf = await accountNames(accounts)
      const records = await auditLog.page({
        account: owner?.ok ? owner.value.id : null,
        ...{ actor, action, subject, after, limit },
        ...{ before: null, since: null, until: null },
      })
      return ok(
        records.map(({ accountId, at, details, ...one }) => ({
          id: one.id,
          at: iso(at),
          account: accountId === null ? null : nameOf(accountId),
          actor: one.actor,
          actor_name: details.name ?? null,
          action: one.action,
          subject: one.subject,
          fields: details.fields ?? [],
          ip: details.peer ?? null,
          request_id: details.requestId ?? null,
          note: details.note ?? null,
        })),
      )
    },
  }
}

async function userNamed(people: PeopleDesk, address: string): Promise<Result<KnownUser, AdminFault>> {
  const known = await people.store.userByAddress(addressKey(address))
  return known ? ok(known) : fault(noUser(address))
}

function roleNamed(text: string): Result<Role, AdminFault> {
  const role = roleIn(text)
  return role ? ok(role) : fault(invalid('role', text, `want one of ${ROLES.join(', ')}`))
}

const userRow = ({ membership, user }: Member, account: string): UserRow => ({
  id: user.id,
  address: user.address,
  name: user.name,
  account,
  role: membership.role,
  state: user.state === 'active' ? membership.state : user.state,
  two_factor: user.hasCodes,
  last_login_at: isoOrNull(user.lastLoginAt),
  created_at: iso(user.createdAt),
})

const noUser = (who: string): AdminFault => notFound(`user ${JSON.stringify(who)}`, 'mailwok user list')
const invalid = (what: string, got: string, want: string): AdminFault => ({
  code: `invalid_${what}`,
  message: `${what} ${JSON.stringify(got)}: ${want}`,
})
const TRY_AGAIN: AdminFault = { code: 'busy', message: 'too much is under way; try again' }

function memberFault(error: MemberFault | InviteFault): AdminFault {
  switch (error) {
    case 'unknown':
      return noUser('that')
    case 'last-owner':
      return { code: 'last_owner', message: 'an account keeps an owner; make somebody else one first' }
    case 'not-allowed':
      return { code: 'not_allowed', message: 'this role cannot be given' }
    case 'member':
      return { code: 'exists', message: 'he belongs to the account already; see: mailwok user role' }
    case 'too-many':
      return { code: 'too_many', message: 'too many invitations are open; revoke some' }
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
