//
// Owns: removing entries of the list that ended long ago, and strikes that no second one followed; for both engines.

import { sql } from 'kysely'
import type { Milliseconds } from '../core/time.ts'
import { compilerFor, type Executor, statement } from './executor.ts'
import type { Store } from './store.ts'

/** Rows per commit, found by an index. */
const ROWS_AT_ONCE = 500
/** The rest goes with the next run. */
const COMMITS = 40

export function agedOn(engine: Store['engine'], executor: Executor): (before: Milliseconds) => Promise<void> {
  const db = compilerFor(engine)
  const limit = sql.lit(ROWS_AT_ONCE)
  const removals = [
    statement<{ recipient: string }>({
      compile: () =>
        sql<{ recipient: string }>`
          delete from suppressions where (account_id, recipient, stream) in (
            select account_id, recipient, stream from suppressions
             where expires_at is not null and expires_at < ${0} order by expires_at limit ${limit})
          returning recipient`.compile(db),
    }),
    statement<{ recipient: string }>({
      compile: () =>
        sql<{ recipient: string }>`
          delete from strikes where (account_id, recipient) in (
            select account_id, recipient from strikes where last_at < ${0} order by last_at limit ${limit})
          returning recipient`.compile(db),
    }),
  ]
  return async (before) => {
    for (const removal of removals) {
      for (let commits = 0; commits < COMMITS; commits++) {
        const written = await executor.write([removal(before)])
        // Nothing is owed here: the next run tries again.
        if (!written.ok || (written.value[0] ?? []).length < ROWS_AT_ONCE) break
      }
    }
  }
}
