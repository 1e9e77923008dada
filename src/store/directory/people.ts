//
// Owns: PeopleStore for both engines: who is a user, and which account he belongs to. Sessions, invitations and resets
// stand in people-entry.ts.

import { type Selectable, sql } from 'kysely'
import type { AccountId, UserId } from '../../core/ids.ts'
import type { Membership, Role, Standing, User } from '../../core/person.ts'
import { fault, ok } from '../../core/result.ts'
import { compilerFor, type Executor, type Statement, statement } from '../executor.ts'
import type { CodeState, KnownUser, MemberStore, PeopleStore, UserStore } from '../people-store.ts'
import type { MembershipTable, UserTable } from '../people-tables.ts'
import { orNull } from '../rows.ts'
import type { Store } from '../store.ts'
import { type Compile, entriesOn } from './people-entry.ts'
import { changed, done, refused, settled } from './writes.ts'

export function peopleOn(engine: Store['engine'], executor: Executor): PeopleStore {
  const db = compilerFor(engine)
  const compile: Compile = (text) => statement(() => text.compile(db))
  return {
    ...usersOn(executor, compile),
    ...membersOn(executor, compile),
    ...entriesOn(executor, compile),
  }
}

const NONE = new Uint8Array()

// ── Users ───────────────────────────────────────────────────────────────────────────────────────

function userStatements(compile: Compile) {
  return {
    byAddress: compile(sql<Row>`select * from users where address = ${''}`),
    byId: compile(sql<Row>`select * from users where id = ${''}`),
    all: compile(sql<Row>`select * from users order by address`),
    add: compile(
      sql`insert into users (id, address, name, state, password, totp_step, recovery, created_at)
          values (${''}, ${''}, ${''}, ${''}, ${''}, 0, '[]', ${0})`,
    ),
    rename: compile(sql`update users set name = ${''} where id = ${''} returning id`),
    password: compile(sql`update users set password = ${''} where id = ${''} returning id`),
    state: compile(sql`update users set state = ${''} where id = ${''} returning id`),
    codes: compile(
      sql`update users set totp = ${NONE}, totp_pending = ${NONE}, totp_step = ${0}, recovery = ${''}
           where id = ${''} and totp_step = ${0} and recovery = ${''} returning id`,
    ),
    step: compile(sql`update users set totp_step = ${0} where id = ${''} and totp_step < ${0} returning id`),
    loggedIn: compile(sql`update users set last_login_at = ${0} where id = ${''}`),
    endAll: compile(sql`delete from sessions where user_id = ${''}`),
    endOthers: compile(sql`delete from sessions where user_id = ${''} and id <> ${''}`),
    endResets: compile(sql`delete from password_resets where user_id = ${''}`),
    endInvited: compile(sql`delete from invitations where invited_by = ${''}`),
  }
}

type Row = Selectable<UserTable>

function usersOn(executor: Executor, compile: Compile): UserStore {
  const query = userStatements(compile)
  const member = addMember(compile)
  return {
    async userByAddress(address) {
      const [row] = await executor.read(query.byAddress(address))
      return row ? knownOf(row) : null
    },
    async user(id) {
      const [row] = await executor.read(query.byId(id))
      return row ? knownOf(row) : null
    },
    async users() {
      return (await executor.read(query.all())).map(userOf)
    },
    async addUser(user, password, membership) {
      const rows = [addUser(query.add, user, password)]
      if (membership !== null) rows.push(member(...valuesOf(membership)))
      return done(await executor.write(rows))
    },
    async renameUser(id, name) {
      return changed(await executor.write([query.rename(name, id)]))
    },
    async setPassword(id, password, keep) {
      const end = keep === null ? query.endAll(id) : query.endOthers(id, keep)
      return changed(await executor.write([query.password(password, id), end, query.endResets(id)]))
    },
    async setUserState(id, state) {
      const ends = state === 'disabled' ? [query.endAll(id), query.endResets(id), query.endInvited(id)] : []
      return changed(await executor.write([query.state(state, id), ...ends]))
    },
    async setCodes(id, before, after) {
      const values = [after.sealed, after.pending, after.step, JSON.stringify(after.recovery)]
      const known = [before.step, JSON.stringify(before.recovery)]
      return changed(await executor.write([query.codes(...values, id, ...known)]))
    },
    async takeStep(id, step) {
      return changed(await executor.write([query.step(step, id, step)]))
    },
    async loggedIn(id, at) {
      return settled(await executor.write([query.loggedIn(at, id)]))
    },
  }
}

const addUser = (add: Statement<unknown>, { id, address, name, state, createdAt }: User, password: string) =>
  add(id, address, name, state, password, createdAt)

export const userOf = (row: Row): User => ({
  id: row.id as UserId,
  address: row.address,
  name: row.name,
  state: row.state as Standing,
  hasCodes: row.totp !== null,
  createdAt: Number(row.created_at),
  lastLoginAt: orNull(row.last_login_at),
})

const knownOf = (row: Row): KnownUser => ({
  user: userOf(row),
  credentials: { password: row.password, codes: codesOf(row) },
})

const codesOf = (row: Row): CodeState => ({
  sealed: row.totp,
  pending: row.totp_pending,
  step: Number(row.totp_step),
  recovery: JSON.parse(row.recovery) as string[],
})

// ── Memberships ─────────────────────────────────────────────────────────────────────────────────

export const addMember = (compile: Compile): Statement<unknown> =>
  compile(
    sql`insert into memberships (account_id, user_id, role, state, created_at)
        values (${''}, ${''}, ${''}, ${''}, ${0})`,
  )

export const valuesOf = ({ accountId, userId, role, state, createdAt }: Membership) =>
  [accountId, userId, role, state, createdAt] as const

function memberStatements(compile: Compile) {
  // Who could still do everything when this one is gone or is less.
  const otherOwner = sql`exists (
    select 1 from memberships o join users u on u.id = o.user_id
     where o.account_id = memberships.account_id and o.user_id <> memberships.user_id
       and o.role = 'owner' and o.state = 'active' and u.state = 'active')`
  const gone = sql`not exists (select 1 from memberships m where m.user_id = ${''})`
  return {
    of: compile(
      sql<MemberRow>`select u.*, m.account_id, m.role, m.state as standing, m.created_at as since
        from memberships m join users u on u.id = m.user_id where m.account_id = ${''} order by u.address`,
    ),
    one: compile(
      sql<MemberRow>`select u.*, m.account_id, m.role, m.state as standing, m.created_at as since
        from memberships m join users u on u.id = m.user_id where m.account_id = ${''} and m.user_id = ${''}`,
    ),
    ofUser: compile(sql<Member>`select * from memberships where user_id = ${''} order by account_id`),
    // On PostgreSQL two nodes could each take away an owner of two: the account's row lets them pass one by one.
    lock: compile(sql`update accounts set plan = plan where id = ${''}`),
    change: compile(
      sql`update memberships set role = ${''}, state = ${''} where account_id = ${''} and user_id = ${''}
          and (role <> 'owner' or state <> 'active' or (${''} = 'owner' and ${''} = 'active') or ${otherOwner})
          returning user_id`,
    ),
    remove: compile(
      sql`delete from memberships where account_id = ${''} and user_id = ${''}
          and (role <> 'owner' or state <> 'active' or ${otherOwner}) returning user_id`,
    ),
    // Only where the change above was made.
    endChanged: compile(
      sql`delete from sessions where user_id = ${''} and account_id = ${''} and exists (
            select 1 from memberships m where m.account_id = sessions.account_id and m.user_id = sessions.user_id
               and m.role = ${''} and m.state = ${''})`,
    ),
    endRemoved: compile(
      sql`delete from sessions where user_id = ${''} and account_id = ${''} and not exists (
            select 1 from memberships m where m.account_id = sessions.account_id and m.user_id = sessions.user_id)`,
    ),
    // Whom he asked in would come in his place: owners alone keep theirs.
    endInvited: compile(
      sql`delete from invitations where account_id = ${''} and invited_by = ${''} and not exists (
            select 1 from memberships m where m.account_id = invitations.account_id
               and m.user_id = invitations.invited_by and m.role = 'owner' and m.state = 'active')`,
    ),
    dropResets: compile(sql`delete from password_resets where user_id = ${''} and ${gone}`),
    dropUser: compile(sql`delete from users where id = ${''} and ${gone}`),
  }
}

type Member = Selectable<MembershipTable>
type MemberRow = Row & {
  readonly account_id: string
  role: string
  standing: string
  since: Member['created_at']
}

function membersOn(executor: Executor, compile: Compile): MemberStore {
  const query = memberStatements(compile)
  const add = addMember(compile)
  const isMember = async (account: AccountId, user: UserId) =>
    (await executor.read(query.one(account, user))).length > 0
  return {
    async members(account) {
      return (await executor.read(query.of(account))).map(memberOf)
    },
    async member(account, user) {
      const [row] = await executor.read(query.one(account, user))
      return row ? memberOf(row) : null
    },
    async memberships(user) {
      return (await executor.read(query.ofUser(user))).map(membershipOf)
    },
    async addMembership(membership) {
      return done(await executor.write([add(...valuesOf(membership))]))
    },
    async changeMember({ accountId, userId, role, state }) {
      const written = await executor.write([
        query.lock(accountId),
        query.change(role, state, accountId, userId, role, state),
        query.endChanged(userId, accountId, role, state),
        query.endInvited(accountId, userId),
      ])
      if (!written.ok) return refused(written.error)
      if ((written.value[1] ?? []).length > 0) return ok(true)
      return (await isMember(accountId, userId)) ? fault('last-owner') : ok(false)
    },
    async removeMember(account, user) {
      const written = await executor.write([
        query.lock(account),
        query.remove(account, user),
        query.endRemoved(user, account),
        query.endInvited(account, user),
        query.dropResets(user, user),
        query.dropUser(user, user),
      ])
      if (!written.ok) return refused(written.error)
      if ((written.value[1] ?? []).length > 0) return ok(true)
      return (await isMember(account, user)) ? fault('last-owner') : ok(false)
    },
  }
}

const memberOf = (row: MemberRow) => ({
  user: userOf(row),
  membership: membershipOf({
    account_id: row.account_id,
    user_id: row.id,
    role: row.role,
    state: row.standing,
    created_at: row.since,
  }),
})

const membershipOf = (row: Member): Membership => ({
  accountId: row.account_id as AccountId,
  userId: row.user_id as UserId,
  role: row.role as Role,
  state: row.state as Standing,
  createdAt: Number(row.created_at),
})
