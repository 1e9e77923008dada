// Owns: the statements over the suppression list, for both engines. Rows of large lists travel as one JSON text: one
// statement for a thousand of them.

import { type Kysely, sql } from 'kysely'
import type { AccountId, EventId } from '../../core/ids.ts'
import { fault, ok } from '../../core/result.ts'
import type { Suppression, SuppressionReason, SuppressionScope } from '../../core/suppression.ts'
import { compilerFor, type Executor, listStatement, places, type Query, statement } from '../executor.ts'
import { cursorStep } from '../log.ts'
import { orNull } from '../rows.ts'
import type { Store } from '../store.ts'
import type { Blocking, Lesson, Strike, SuppressionStore } from '../suppression-store.ts'
import type { Tables } from '../tables.ts'
import { listed, type SuppressionRow as Row } from './suppression-list.ts'
import { each, placesOn } from './texts.ts'
import { settled } from './writes.ts'

type Engine = Store['engine']

const COLUMNS = 'account_id, recipient, stream, reason, created_at, expires_at, event_id, note' as const

const entryOfRow = (row: Row): Suppression => ({
  accountId: row.account_id as AccountId,
  recipient: row.recipient,
  scope: row.stream as SuppressionScope,
  reason: row.reason as SuppressionReason,
  eventId: row.event_id as EventId | null,
  note: row.note,
  createdAt: Number(row.created_at),
  expiresAt: orNull(row.expires_at),
})

const blockingOfRow = (row: Pick<Row, 'recipient' | 'stream' | 'reason' | 'created_at'>): Blocking => ({
  recipient: row.recipient,
  scope: row.stream as SuppressionScope,
  reason: row.reason as SuppressionReason,
  createdAt: Number(row.created_at),
})

function textsFor(engine: Engine) {
  const rows = each(engine)
  const place = placesOn(engine)
  const put = `INSERT INTO suppressions (${COLUMNS}, provider)
    SELECT value->>0, value->>1, value->>2, value->>3, CAST(value->>4 AS bigint), CAST(value->>5 AS bigint),
           value->>6, value->>7, value->>8
      FROM ${rows} WHERE true
    ON CONFLICT (account_id, recipient, stream) DO UPDATE SET
      reason = excluded.reason, created_at = excluded.created_at, expires_at = excluded.expires_at,
      event_id = excluded.event_id, note = excluded.note, provider = excluded.provider`
  return {
    put,
    // What lasts longer, above all what a person has put there, is not shortened by a bounce.
    putIfLonger: `${put}
      WHERE suppressions.expires_at IS NOT NULL
        AND (excluded.expires_at IS NULL OR excluded.expires_at > suppressions.expires_at)`,
    strike: `INSERT INTO strikes (account_id, recipient, count, last_at)
      SELECT value->>0, value->>1, CAST(value->>2 AS bigint), CAST(value->>3 AS bigint) FROM ${rows} WHERE true
      ON CONFLICT (account_id, recipient) DO UPDATE SET count = excluded.count, last_at = excluded.last_at`,
    forgive: `DELETE FROM strikes WHERE (account_id, recipient) IN (SELECT value->>0, value->>1 FROM ${rows})`,
    reach: `INSERT INTO reached (hash)
      SELECT CAST(value->>0 AS bigint) FROM ${rows} WHERE true ON CONFLICT DO NOTHING`,
    forgetReached: `DELETE FROM reached WHERE hash >= ${place(1)}`,
    takeBack: `DELETE FROM suppressions
      WHERE provider = ${place(1)} AND created_at >= ${place(2)} AND reason = 'hard_bounce' RETURNING recipient`,
  }
}

const valuesOf = (entry: Suppression & { readonly provider?: string }) => [
  entry.accountId,
  entry.recipient,
  entry.scope,
  entry.reason,
  entry.createdAt,
  entry.expiresAt,
  entry.eventId,
  // PostgreSQL reads no half of a pair of UTF-16, and a follower whose words it refuses would stand still for ever.
  entry.note.toWellFormed(),
  entry.provider ?? '',
]

/** The last one of each place: PostgreSQL refuses a statement that would touch a row twice. */
function oncePerPlace<E extends Suppression>(entries: readonly E[]): readonly E[] {
  const places = new Map<string, E>()
  for (const entry of entries) places.set(`${entry.accountId} ${entry.scope} ${entry.recipient}`, entry)
  return places.size === entries.length ? entries : [...places.values()]
}

function lookUps(db: Kysely<Tables>) {
  const entries = db
    .selectFrom('suppressions')
    .select(['account_id', 'recipient', 'stream', 'reason', 'created_at', 'expires_at', 'event_id', 'note'])
  return {
    // A literal: LIMIT takes no placeholder of its own here.
    any: statement(() =>
      db.selectFrom('suppressions').select('recipient').where('account_id', '=', '').limit(sql.lit(1)),
    ),
    reached: statement(() => db.selectFrom('reached').select('hash')),
    anyStrike: statement(() => db.selectFrom('strikes').select('recipient').limit(sql.lit(1))),
    blocking: listStatement((size) =>
      db
        .selectFrom('suppressions')
        .select(['recipient', 'stream', 'reason', 'created_at'])
        .where('account_id', '=', '')
        .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', 0)]))
        .where('recipient', 'in', places(size)),
    ),
    ofOne: statement(() =>
      entries.where('account_id', '=', '').where('recipient', '=', '').orderBy('stream'),
    ),
    strikes: listStatement((size) =>
      db
        .selectFrom('strikes')
        .select(['account_id', 'recipient', 'count', 'last_at'])
        .where('account_id', '=', '')
        .where('recipient', 'in', places(size)),
    ),
    remove: statement(() =>
      db
        .deleteFrom('suppressions')
        .where('account_id', '=', '')
        .where('recipient', '=', '')
        .returning('recipient'),
    ),
    removeScope: statement(() =>
      db
        .deleteFrom('suppressions')
        .where('account_id', '=', '')
        .where('recipient', '=', '')
        .where('stream', '=', '')
        .returning('recipient'),
    ),
  }
}

type Writing = 'put' | 'remove' | 'learn'

export const suppressionsOn = (engine: Engine, executor: Executor): SuppressionStore => ({
  ...reading(engine, executor),
  ...writing(engine, executor),
})

function reading(engine: Engine, executor: Executor): Omit<SuppressionStore, Writing> {
  const db = compilerFor(engine)
  const look = lookUps(db)
  return {
    async hasAny(account) {
      return (await executor.read(look.any(account))).length > 0
    },
    async blocking({ account, recipients, scopes, now }) {
      const found = new Map<string, Blocking>()
      for (const query of look.blocking([account, now], recipients)) {
        for (const row of await executor.read(query)) {
          const hit = blockingOfRow(row)
          const before = found.get(hit.recipient)
          if (!scopes.includes(hit.scope) || (before && before.createdAt <= hit.createdAt)) continue
          found.set(hit.recipient, hit)
        }
      }
      return found
    },
    async entries(account, recipient) {
      return (await executor.read(look.ofOne(account, recipient))).map(entryOfRow)
    },
    async list(ask) {
      return (await listed(executor, db, ask)).map(entryOfRow)
    },
    async reached() {
      return (await executor.read(look.reached())).map((row) => Number(row.hash))
    },
    async hasStrikes() {
      return (await executor.read(look.anyStrike())).length > 0
    },
    async strikes(account, recipients) {
      const found: Strike[] = []
      for (const query of look.strikes([account], recipients)) {
        for (const row of await executor.read(query)) {
          const { recipient } = row
          if (found.some((one) => one.recipient === recipient)) continue
          found.push({ accountId: account, recipient, count: Number(row.count), lastAt: Number(row.last_at) })
        }
      }
      return found
    },
  }
}

const many = (text: string, rows: readonly unknown[]): readonly Query[] =>
  rows.length === 0 ? [] : [{ sql: text, values: [JSON.stringify(rows)] }]

function writing(engine: Engine, executor: Executor): Pick<SuppressionStore, Writing> {
  const look = lookUps(compilerFor(engine))
  const text = textsFor(engine)
  const step = cursorStep(engine)
  return {
    async put(entries) {
      return settled(await executor.write(many(text.put, oncePerPlace(entries).map(valuesOf))))
    },
    async remove(account, recipient, scope) {
      const query =
        scope === null ? look.remove(account, recipient) : look.removeScope(account, recipient, scope)
      const written = await executor.write([query])
      if (written.ok) return ok(written.value[0]?.length ?? 0)
      return written.error === 'exists' ? ok(0) : fault(written.error)
    },
    async learn(lesson, move) {
      const takeBacks = lesson.takeBack.map((one) => ({
        sql: text.takeBack,
        values: [one.provider, one.since],
      }))
      const before = step(move)
      const written = await executor.write([...before, ...takeBacks, ...learning(lesson, text)])
      if (!written.ok) return written.error === 'exists' ? ok('overtaken') : fault(written.error)
      return ok({
        takenBack: takeBacks.map((_, at) => written.value[before.length + at]?.length ?? 0),
      })
    },
  }
}

function learning(lesson: Lesson, text: ReturnType<typeof textsFor>): readonly Query[] {
  return [
    ...many(text.putIfLonger, oncePerPlace(lesson.suppress).map(valuesOf)),
    ...many(
      text.strike,
      lesson.strike.map((one) => [one.accountId, one.recipient, one.count, one.lastAt]),
    ),
    ...many(
      text.forgive,
      lesson.forgive.map((one) => [one.accountId, one.recipient]),
    ),
    ...many(
      text.reach,
      lesson.reached.map((hash) => [hash]),
    ),
    ...(lesson.forgetReachedFrom === null
      ? []
      : [{ sql: text.forgetReached, values: [lesson.forgetReachedFrom] }]),
  ]
}
