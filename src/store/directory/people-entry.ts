//
// Owns: how people come in, for both engines: sessions, invitations, resets of passwords.

import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { AccountId, InvitationId, SessionId, UserId } from '../../core/ids.ts'
import type { Invitation, Role, Session } from '../../core/person.ts'
import { ok } from '../../core/result.ts'
import type { Executor, Statement } from '../executor.ts'
import type { InvitationStore, PeopleStore, ResetStore, SessionStore } from '../people-store.ts'
import type { InvitationTable, SessionTable } from '../people-tables.ts'
import { changed, done, refused, settled } from './writes.ts'

export type Compile = <R>(text: RawBuilder<R>) => Statement<R>

type Entries = SessionStore & InvitationStore & ResetStore & Pick<PeopleStore, 'forget'>

export function entriesOn(executor: Executor, compile: Compile): Entries {
  const old = [
    compile(sql`delete from sessions where expires_at < ${0} or used_at < ${0}`),
    compile(sql`delete from invitations where expires_at < ${0}`),
    compile(sql`delete from password_resets where expires_at < ${0}`),
    // Their accounts were deleted.
    compile(sql`delete from users where not exists (select 1 from memberships m where m.user_id = users.id)`),
  ] as const
  return {
    ...sessionsOn(executor, compile),
    ...invitationsOn(executor, compile),
    ...resetsOn(executor, compile),
    async forget(now, usedBefore) {
      // Few rows: people log in some times a day. Nothing is owed: the next run tries again.
      await executor.write([old[0](now, usedBefore), old[1](now), old[2](now), old[3]()])
    },
  }
}

const NO_HASH = new Uint8Array()

// ── Sessions ────────────────────────────────────────────────────────────────────────────────────

type SessionRow = Selectable<SessionTable>
type OpenRow = SessionRow & { readonly role: string; readonly address: string; readonly name: string }

function sessionsOn(executor: Executor, compile: Compile): SessionStore {
  const add = compile(
    sql`insert into sessions (id, user_id, account_id, hash, peer, agent, created_at, used_at, expires_at)
        values (${''}, ${''}, ${''}, ${NO_HASH}, ${''}, ${''}, ${0}, ${0}, ${0})`,
  )
  const open = compile(
    sql<OpenRow>`select s.*, m.role, u.address, u.name from sessions s
      join users u on u.id = s.user_id and u.state = 'active'
      join memberships m on m.user_id = s.user_id and m.account_id = s.account_id and m.state = 'active'
      where s.hash = ${NO_HASH}`,
  )
  const of = compile(sql<SessionRow>`select * from sessions where user_id = ${''} order by id desc`)
  const touch = compile(sql`update sessions set used_at = ${0} where id = ${''} and used_at < ${0}`)
  const turn = compile(sql`update sessions set account_id = ${''} where id = ${''} returning id`)
  const end = compile(sql`delete from sessions where id = ${''} and user_id = ${''} returning id`)
  const endAll = compile(sql`delete from sessions where user_id = ${''} and id <> ${''}`)
  return {
    async addSession({ id, userId, accountId, peer, agent, createdAt, usedAt, expiresAt }, hash) {
      const row = [id, userId, accountId, hash, peer, agent, createdAt, usedAt, expiresAt] as const
      return settled(await executor.write([add(...row)]))
    },
    async session(hash) {
      const [row] = await executor.read(open(hash))
      if (!row) return null
      return { session: sessionOf(row), role: row.role as Role, address: row.address, name: row.name }
    },
    async sessions(user) {
      return (await executor.read(of(user))).map(sessionOf)
    },
    async touchSession(id, at) {
      return settled(await executor.write([touch(at, id, at)]))
    },
    async switchSession(id, account) {
      return changed(await executor.write([turn(account, id)]))
    },
    async endSession(user, id) {
      return changed(await executor.write([end(id, user)]))
    },
    async endSessions(user, keep) {
      return settled(await executor.write([endAll(user, keep ?? '')]))
    },
  }
}

const sessionOf = (row: SessionRow): Session => ({
  id: row.id as SessionId,
  userId: row.user_id as UserId,
  accountId: row.account_id as AccountId,
  peer: row.peer,
  agent: row.agent,
  createdAt: Number(row.created_at),
  usedAt: Number(row.used_at),
  expiresAt: Number(row.expires_at),
})

// ── Invitations ─────────────────────────────────────────────────────────────────────────────────

type InvitationRow = Selectable<InvitationTable>

function invitationStatements(compile: Compile) {
  const stands = sql`exists (select 1 from invitations i where i.id = ${''})`
  return {
    before: compile(sql`delete from invitations where account_id = ${''} and address = ${''}`),
    add: compile(
      sql`insert into invitations (id, account_id, address, role, hash, invited_by, created_at, expires_at)
          values (${''}, ${''}, ${''}, ${''}, ${NO_HASH}, ${''}, ${0}, ${0})`,
    ),
    of: compile(sql<InvitationRow>`select * from invitations where account_id = ${''} order by id desc`),
    one: compile(sql<InvitationRow>`select * from invitations where hash = ${NO_HASH}`),
    revoke: compile(sql`delete from invitations where id = ${''} and account_id = ${''} returning id`),
    user: compile(
      sql`insert into users (id, address, name, state, password, totp_step, recovery, created_at)
          select ${text()}, ${text()}, ${text()}, ${text()}, ${text()}, 0, '[]', ${whole()} where ${stands}`,
    ),
    member: compile(
      sql`insert into memberships (account_id, user_id, role, state, created_at)
          select ${text()}, ${text()}, ${text()}, ${text()}, ${whole()} where ${stands}`,
    ),
    take: compile(sql`delete from invitations where id = ${''} returning id`),
  }
}

/** PostgreSQL wants to be told the types of what is selected. */
const text = () => sql`cast(${''} as text)`
const whole = () => sql`cast(${0} as bigint)`

function invitationsOn(executor: Executor, compile: Compile): InvitationStore {
  const query = invitationStatements(compile)
  return {
    async invite({ id, accountId, address, role, invitedBy, createdAt, expiresAt }, hash) {
      const row = [id, accountId, address, role, hash, invitedBy, createdAt, expiresAt] as const
      return settled(await executor.write([query.before(accountId, address), query.add(...row)]))
    },
    async invitations(account) {
      return (await executor.read(query.of(account))).map(invitationOf)
    },
    async invitation(hash) {
      const [row] = await executor.read(query.one(hash))
      return row ? invitationOf(row) : null
    },
    async revokeInvitation(account, id) {
      return changed(await executor.write([query.revoke(id, account)]))
    },
    async accept({ id, membership, user }) {
      const { accountId, userId, role, state, createdAt } = membership
      const rows = [query.member(accountId, userId, role, state, createdAt, id), query.take(id)]
      if (user !== null) {
        const { address, name, createdAt: since, id: userId, state: standing } = user.user
        rows.unshift(query.user(userId, address, name, standing, user.password, since, id))
      }
      const written = await executor.write(rows)
      if (!written.ok) return written
      return ok((written.value[rows.length - 1] ?? []).length > 0)
    },
  }
}

const invitationOf = (row: InvitationRow): Invitation => ({
  id: row.id as InvitationId,
  accountId: row.account_id as AccountId,
  address: row.address,
  role: row.role as Role,
  invitedBy: row.invited_by,
  createdAt: Number(row.created_at),
  expiresAt: Number(row.expires_at),
})

// ── Resets of passwords ─────────────────────────────────────────────────────────────────────────

interface ResetRow {
  readonly user_id: string
  readonly expires_at: number | bigint | string
}

function resetsOn(executor: Executor, compile: Compile): ResetStore {
  const add = compile(
    sql`insert into password_resets (hash, user_id, expires_at) values (${NO_HASH}, ${''}, ${0})`,
  )
  const one = compile(sql<ResetRow>`select user_id, expires_at from password_resets where hash = ${NO_HASH}`)
  const take = compile(sql`delete from password_resets where hash = ${NO_HASH} returning user_id`)
  return {
    async addReset(hash, user, expiresAt) {
      const added = done(await executor.write([add(hash, user, expiresAt)]))
      return added.ok ? added : refused(added.error)
    },
    async reset(hash) {
      const [row] = await executor.read(one(hash))
      return row ? { userId: row.user_id as UserId, expiresAt: Number(row.expires_at) } : null
    },
    async takeReset(hash) {
      return changed(await executor.write([take(hash)]))
    },
  }
}
