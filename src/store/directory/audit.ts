//
// Owns: AuditStore for both engines.

import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import type { AuditDetails, AuditRecord } from '../../core/audit.ts'
import type { AccountId } from '../../core/ids.ts'
import type { AuditAsk, AuditStore } from '../audit-store.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import type { AuditTable } from '../people-tables.ts'
import type { Value } from '../rows.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import { settled } from './writes.ts'

/** Rows per commit, found by the primary key. */
const ROWS_AT_ONCE = 500
/** The rest goes with the next run. */
const COMMITS = 40

export function auditOn(engine: Store['engine'], executor: Executor): AuditStore {
  const db = compilerFor(engine)
  const add = statement(() =>
    sql`insert into audit (id, account_id, actor, action, subject, details, at)
          values (${''}, ${''}, ${''}, ${''}, ${''}, ${''}, ${0}) on conflict (id) do nothing`.compile(db),
  )
  const forget = statement<{ id: string }>(() =>
    sql<{ id: string }>`
        delete from audit where id in (select id from audit where id < ${''} order by id limit ${sql.lit(ROWS_AT_ONCE)})
        returning id`.compile(db),
  )
  return {
    async add(records) {
      const rows = records.map((one) =>
        add(one.id, one.accountId, one.actor, one.action, one.subject, JSON.stringify(one.details), one.at),
      )
      return settled(await executor.write(rows))
    },
    async page(ask) {
      const { sql: text, parameters } = pageOf(db, ask).compile()
      const rows = await executor.read<Selectable<AuditTable>>({
        sql: text,
        values: parameters as readonly Value[],
      })
      const found = rows.map(recordOf)
      return ask.before === null ? found : found.toReversed()
    },
    async forget(before) {
      let removed = 0
      for (let commits = 0; commits < COMMITS; commits++) {
        const written = await executor.write([forget(idOfTime(before))])
        const rows = written.ok ? (written.value[0] ?? []).length : 0
        removed += rows
        // Nothing is owed here: the next run tries again.
        if (rows < ROWS_AT_ONCE) break
      }
      return removed
    },
  }
}

/** The first digits of an id are its time (core/ids.ts). */
const idOfTime = (at: number): string => `aud_${Math.max(0, Math.floor(at)).toString(36).padStart(8, '0')}`

type Page = SelectQueryBuilder<Tables, 'audit', Selectable<AuditTable>>

/** People ask this, now and then: it is compiled each time. */
function pageOf(db: Kysely<Tables>, ask: AuditAsk): Page {
  let page: Page = db.selectFrom('audit').selectAll()
  if (ask.account !== null) page = page.where('account_id', '=', ask.account)
  for (const column of ['actor', 'action', 'subject'] as const) {
    const wanted = ask[column]
    if (wanted !== null) page = page.where(column, '=', wanted)
  }
  if (ask.since !== null) page = page.where('id', '>=', idOfTime(ask.since))
  if (ask.until !== null) page = page.where('id', '<', idOfTime(ask.until))
  if (ask.after !== null) page = page.where('id', '<', ask.after)
  if (ask.before !== null) page = page.where('id', '>', ask.before)
  return page.orderBy('id', ask.before === null ? 'desc' : 'asc').limit(ask.limit)
}

const recordOf = (row: Selectable<AuditTable>): AuditRecord => ({
  id: row.id,
  accountId: row.account_id as AccountId | null,
  actor: row.actor,
  action: row.action,
  subject: row.subject,
  details: JSON.parse(row.details) as AuditDetails,
  at: Number(row.at),
})
