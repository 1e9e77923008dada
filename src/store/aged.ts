//
// Owns: removing entries of the list that ended long ago, strikes that no second one followed, and ways out that nobody took;
// for both engines.

import { sql } from 'kysely'
import { compilerFor, type Executor, type Query, statement } from './executor.ts'
import { idBefore } from './rows.ts'
import type { Store } from './store.ts'
import type { RetentionBounds } from './upkeep-store.ts'

/** Rows per commit, found by an index. */
const ROWS_AT_ONCE = 500
/** The rest goes with the next run. */
const COMMITS = 40

type Forget = (bounds: Pick<RetentionBounds, 'eventsBefore' | 'waysOutBefore'>) => Promise<void>

export function agedOn(engine: Store['engine'], executor: Executor): Forget {
  const db = compilerFor(engine)
  const limit = sql.lit(ROWS_AT_ONCE)
  const removals = [
    statement<{ recipient: string }>(() =>
      sql<{ recipient: string }>`
          delete from suppressions where (account_id, recipient, stream) in (
            select account_id, recipient, stream from suppressions
             where expires_at is not null and expires_at < ${0} order by expires_at limit ${limit})
          returning recipient`.compile(db),
    ),
    statement<{ recipient: string }>(() =>
      sql<{ recipient: string }>`
          delete from strikes where (account_id, recipient) in (
            select account_id, recipient from strikes where last_at < ${0} order by last_at limit ${limit})
          returning recipient`.compile(db),
    ),
  ]
  const waysOut = statement<{ delivery_id: string }>(() =>
    sql<{ delivery_id: string }>`
        delete from ways_out where delivery_id in (
          select delivery_id from ways_out where delivery_id < ${''} order by delivery_id limit ${limit})
        returning delivery_id`.compile(db),
  )
  const inChunks = async (removal: () => Query): Promise<void> => {
    for (let commits = 0; commits < COMMITS; commits++) {
      const written = await executor.write([removal()])
      // Nothing is owed here: the next run tries again.
      if (!written.ok || (written.value[0] ?? []).length < ROWS_AT_ONCE) return
    }
  }
  return async ({ eventsBefore, waysOutBefore }) => {
    for (const removal of removals) await inChunks(() => removal(eventsBefore))
    await inChunks(() => waysOut(idBefore('msg', waysOutBefore)))
  }
}
