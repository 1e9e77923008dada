// Owns: InboundStore for both engines: statements over routes of incoming mail and over what waits for webhooks.

import { type Kysely, type Selectable, sql } from 'kysely'
import type { AccountId } from '../../core/ids.ts'
import { ok } from '../../core/result.ts'
import { compilerFor, type Executor, listStatement, places, statement } from '../executor.ts'
import type { InboundPost, InboundRoute, InboundRouteId, InboundStore } from '../inbound-store.ts'
import type { InboundPostTable, InboundRouteTable } from '../learned-tables.ts'
import { orNull } from '../rows.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { reportsOn } from './reports.ts'
import { changed, done, refused } from './writes.ts'

export function inboundOn(engine: Store['engine'], executor: Executor): InboundStore {
  const db = compilerFor(engine)
  const { forgetReports, ...reports } = reportsOn(db, engine, executor)
  const { forgetPosts, ...posts } = postsOn(db, engine, executor)
  return {
    ...reports,
    ...routesOn(db, executor),
    ...posts,
    async forget(reportsBefore, postsBefore) {
      // What could not be removed now goes with the next turn.
      await executor.write([forgetReports(reportsBefore), forgetPosts(postsBefore)])
    },
  }
}

type RouteSide = Pick<
  InboundStore,
  'addRoute' | 'routes' | 'routesFor' | 'removeRoute' | 'aimRoute' | 'closeRoute' | 'openRoute'
>

/** As `action`: only webhooks are ever closed. */
const CLOSED = 'closed'

function routeStatements(db: Kysely<Tables>) {
  const all = db.selectFrom('inbound_routes').selectAll()
  return {
    add: statement(() =>
      db
        .insertInto('inbound_routes')
        .values({ id: '', account_id: '', pattern: '', action: '', target: '', created_at: 0 }),
    ),
    all: statement(() => all.orderBy('pattern')),
    ofAccount: statement(() => all.where('account_id', '=', '').orderBy('pattern')),
    matching: listStatement((size) => all.where('pattern', 'in', places(size))),
    remove: statement(() => db.deleteFrom('inbound_routes').where('pattern', '=', '').returning('id')),
    aim: statement(() =>
      db.updateTable('inbound_routes').set({ target: '' }).where('id', '=', '').returning('id'),
    ),
    close: statement(() =>
      db
        .updateTable('inbound_routes')
        .set({ action: '' })
        .where('id', '=', '')
        .where('action', '=', '')
        .returning('id'),
    ),
    open: statement(() =>
      db
        .updateTable('inbound_routes')
        .set({ action: '' })
        .where('pattern', '=', '')
        .where('action', '=', '')
        .returning('id'),
    ),
    due: statement(() =>
      db
        .updateTable('inbound_posts')
        .set({ due_at: 0 })
        .where('due_at', '>', 0)
        .where(
          'route_id',
          'in',
          db.selectFrom('inbound_routes').select('id').where('pattern', '=', '').where('action', '=', ''),
        ),
    ),
  }
}

function routesOn(db: Kysely<Tables>, executor: Executor): RouteSide {
  const sqlOf = routeStatements(db)
  return {
    async addRoute({ id, accountId, pattern, action, target, createdAt }) {
      return done(await executor.write([sqlOf.add(id, accountId, pattern, action, target, createdAt)]))
    },
    async routes(account) {
      const query = account === null ? sqlOf.all() : sqlOf.ofAccount(account)
      return (await executor.read(query)).map(routeOf)
    },
    async routesFor(patterns) {
      const found: InboundRoute[] = []
      for (const query of sqlOf.matching([], patterns)) {
        found.push(...(await executor.read(query)).map(routeOf))
      }
      return found
    },
    async removeRoute(pattern) {
      return changed(await executor.write([sqlOf.remove(pattern)]))
    },
    async aimRoute(id, target) {
      return changed(await executor.write([sqlOf.aim(target, id)]))
    },
    async closeRoute(id) {
      return changed(await executor.write([sqlOf.close(CLOSED, id, 'webhook')]))
    },
    async openRoute(pattern, now) {
      // What waits goes first: it is found by the route that is still closed.
      const due = sqlOf.due(now, now, pattern, CLOSED)
      const written = await executor.write([due, sqlOf.open('webhook', pattern, CLOSED)])
      return changed(written.ok ? ok(written.value.slice(1)) : written)
    },
  }
}

const routeOf = (row: Selectable<InboundRouteTable>): InboundRoute => ({
  id: row.id as InboundRouteId,
  accountId: row.account_id as AccountId,
  pattern: row.pattern,
  action: row.action === 'forward' ? 'forward' : 'webhook',
  target: row.target,
  closed: row.action === CLOSED,
  createdAt: Number(row.created_at),
})

type PostSide = Pick<
  InboundStore,
  'addPost' | 'takePosts' | 'endPost' | 'deferPost' | 'nextPostDueAt' | 'countPosts' | 'waitingPosts'
>

function postStatements(db: Kysely<Tables>, engine: Store['engine']) {
  // One value for a list of any length.
  const listed =
    engine === 'sqlite'
      ? sql`select value from json_each(${''})`
      : sql`select json_array_elements_text(cast(cast(${''} as text) as json))`
  return {
    add: statement(() =>
      db
        .insertInto('inbound_posts')
        .values({
          id: '',
          route_id: '',
          account_id: '',
          body: '',
          attempts: 0,
          due_at: 0,
          created_at: 0,
          last_error: '',
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id'),
    ),
    // The due time is asked twice: another node that took a row first has moved it by the time this one has its lock.
    take: statement<Selectable<InboundPostTable>>(() =>
      sql<Selectable<InboundPostTable>>`
          update inbound_posts set due_at = ${0} where due_at <= ${0} and id in (
            select id from (
              select id, due_at, row_number() over (partition by route_id order by due_at, id) as turn
                from inbound_posts where due_at <= ${0} and route_id not in (${listed})) as due
             where turn = 1 order by due_at limit ${1})
          returning *`.compile(db),
    ),
    end: statement(() => db.deleteFrom('inbound_posts').where('id', '=', '')),
    defer: statement(() =>
      db.updateTable('inbound_posts').set({ attempts: 0, due_at: 0, last_error: '' }).where('id', '=', ''),
    ),
    giveUp: statement(() =>
      db
        .updateTable('inbound_posts')
        .set({ attempts: 0, due_at: null, body: '', last_error: '' })
        .where('id', '=', ''),
    ),
    next: statement<{ due_at: number | string | null }>(() =>
      sql<{ due_at: number | string | null }>`
          select min(due_at) as due_at from inbound_posts
           where due_at is not null and route_id not in (${listed})`.compile(db),
    ),
    waiting: statement<{ route_id: string; letters: number; octets: number }>(() =>
      sql<{ route_id: string; letters: number; octets: number }>`
          select route_id, count(*) as letters, sum(octet_length(body)) as octets from inbound_posts
           where due_at is not null group by route_id`.compile(db),
    ),
    count: statement(() =>
      db
        .selectFrom('inbound_posts')
        .select((row) => [row.fn.count<number>('due_at').as('waiting'), row.fn.countAll<number>().as('all')]),
    ),
    forget: statement(() =>
      db.deleteFrom('inbound_posts').where('due_at', 'is', null).where('created_at', '<', 0),
    ),
  }
}

function postsOn(db: Kysely<Tables>, engine: Store['engine'], executor: Executor) {
  const sqlOf = postStatements(db, engine)
  const side: PostSide = {
    async addPost({ id, routeId, accountId, body, attempts, dueAt, createdAt, lastError }) {
      const row = [id, routeId, accountId, body, attempts, dueAt, createdAt, lastError]
      const written = await executor.write([sqlOf.add(...row)])
      if (!written.ok) return refused(written.error)
      return ok((written.value[0] ?? []).length > 0 ? 'added' : 'known')
    },
    async takePosts({ now, until, limit, except }) {
      const taken = await executor.write([sqlOf.take(until, now, now, JSON.stringify(except), limit)])
      return taken.ok ? (taken.value[0] as Selectable<InboundPostTable>[]).map(postOf) : []
    },
    async endPost(id) {
      await executor.write([sqlOf.end(id)])
    },
    async deferPost(id, attempts, dueAt, lastError) {
      const { defer, giveUp } = sqlOf
      const never = giveUp(attempts, null, '', lastError, id)
      await executor.write([dueAt === null ? never : defer(attempts, dueAt, lastError, id)])
    },
    async nextPostDueAt(except) {
      const [row] = await executor.read(sqlOf.next(JSON.stringify(except)))
      return row ? orNull(row.due_at) : null
    },
    async waitingPosts() {
      const rows = await executor.read(sqlOf.waiting())
      return rows.map(({ route_id, letters, octets }) => ({
        routeId: route_id as InboundRouteId,
        letters: Number(letters),
        octets: Number(octets),
      }))
    },
    async countPosts() {
      const [row] = await executor.read(sqlOf.count())
      const waiting = Number(row?.waiting ?? 0)
      return { waiting, failed: Number(row?.all ?? 0) - waiting }
    },
  }
  return { ...side, forgetPosts: (before: number) => sqlOf.forget(before) }
}

const postOf = (row: Selectable<InboundPostTable>): InboundPost => ({
  id: row.id,
  routeId: row.route_id as InboundRouteId,
  accountId: row.account_id as AccountId,
  body: row.body,
  attempts: Number(row.attempts),
  dueAt: orNull(row.due_at),
  createdAt: Number(row.created_at),
  lastError: row.last_error,
})
