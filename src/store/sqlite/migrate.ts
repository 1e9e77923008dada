// Owns: running the numbered steps on a SQLite file, each with its record in one transaction.

import type { Database } from 'bun:sqlite'
import { MIGRATION_TABLE, pendingMigrations } from '../migrations/migration.ts'

export function migrate(db: Database): void {
  db.run(MIGRATION_TABLE)
  for (const step of pendingMigrations(schemaVersion(db))) {
    db.transaction(() => {
      db.run(step.sqlite)
      db.prepare('INSERT INTO schema_migrations (version, name) VALUES (?, ?)').run(step.version, step.name)
    }).immediate()
  }
}

export function schemaVersion(db: Database): number {
  const row = db
    .query<{ version: number | null }, []>('SELECT max(version) AS version FROM schema_migrations')
    .all()[0]
  return row?.version ?? 0
}
