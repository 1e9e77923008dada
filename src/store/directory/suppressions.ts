// Owns: who of a list must not be written to.

import { type Kysely, sql } from 'kysely'
import { type Executor, listStatement, places, statement } from '../executor.ts'
import type { DirectoryStore } from '../store.ts'
import type { Tables } from '../tables.ts'

export function suppressionDirectory(
  db: Kysely<Tables>,
  executor: Executor,
): Pick<DirectoryStore, 'suppressed' | 'hasSuppressions'> {
  const find = listStatement((size) =>
    db
      .selectFrom('suppressions')
      .select('recipient')
      .where('account_id', '=', '')
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', 0)]))
      .where('recipient', 'in', places(size)),
  )
  // A literal: LIMIT takes no placeholder of its own here.
  const any = statement(
    db.selectFrom('suppressions').select('recipient').where('account_id', '=', '').limit(sql.lit(1)),
  )
  return {
    async hasSuppressions(account) {
      return (await executor.read(any(account))).length > 0
    },
    async suppressed(account, recipients, now) {
      const found = new Set<string>()
      for (const query of find([account, now], recipients)) {
        for (const row of await executor.read(query)) found.add(row.recipient)
      }
      return found
    },
  }
}
