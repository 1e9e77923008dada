//
// Owns: bringing a database to this release's schema. Nodes that start together do it one after the other.

import type { SQL } from 'bun'
import type { Whole } from '../columns.ts'
import { MIGRATION_TABLE, pendingMigrations } from '../migrations/migration.ts'
import { adoptRestored } from './restored.ts'

/** Any number that nothing else in the database locks. */
const MIGRATION_LOCK = 7_265_301

/** Throws `NewerSchema` when the database was written by a newer release. */
export async function migrate(pool: SQL): Promise<void> {
  await pool.begin(async (tx) => {
    // A step that rewrites a large table may take its time, and the nodes behind us wait as long.
    await tx.unsafe('SET LOCAL statement_timeout = 0')
    await tx.unsafe('SET LOCAL lock_timeout = 0')
    await tx.unsafe(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    await tx.unsafe(MIGRATION_TABLE)
    for (const { version, name, postgres } of pendingMigrations(await versionOf(tx))) {
      await tx.unsafe(postgres).simple()
      await tx.unsafe('INSERT INTO schema_migrations (version, name) VALUES ($1, $2)', [version, name])
    }
    await adoptRestored(tx)
  })
}

export async function versionOf(sql: SQL): Promise<number> {
  const [row] = await sql.unsafe<{ version: Whole }[]>(
    'SELECT coalesce(max(version), 0) AS version FROM schema_migrations',
  )
  return Number(row?.version ?? 0)
}
