//
// Owns: the numbered steps of the schema and the choice of those still to run.
// Never: runs them; each engine does, every step and its record in one transaction.

import { FIRST_TABLES_POSTGRES } from './0001-postgres.ts'
import { FIRST_TABLES_SQLITE } from './0001-sqlite.ts'
import { SECOND_TABLES_POSTGRES } from './0002-postgres.ts'
import { SECOND_TABLES_SQLITE } from './0002-sqlite.ts'
import { THIRD_TABLES_POSTGRES } from './0003-postgres.ts'
import { THIRD_TABLES_SQLITE } from './0003-sqlite.ts'
import { FOURTH_TABLES_POSTGRES } from './0004-postgres.ts'
import { FOURTH_TABLES_SQLITE } from './0004-sqlite.ts'
import { FIFTH_TABLES_POSTGRES } from './0005-postgres.ts'
import { FIFTH_TABLES_SQLITE } from './0005-sqlite.ts'
import { SIXTH_TABLES_POSTGRES } from './0006-postgres.ts'
import { SIXTH_TABLES_SQLITE } from './0006-sqlite.ts'
import { SEVENTH_TABLES_POSTGRES } from './0007-postgres.ts'
import { SEVENTH_TABLES_SQLITE } from './0007-sqlite.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  /** Statements separated by semicolons, run as one script. */
  readonly sqlite: string
  readonly postgres: string
}

/** In order, without gaps. A step that was released is never edited: a later one corrects it. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'first tables', sqlite: FIRST_TABLES_SQLITE, postgres: FIRST_TABLES_POSTGRES },
  {
    version: 2,
    name: 'wishes, evidence, what comes back',
    sqlite: SECOND_TABLES_SQLITE,
    postgres: SECOND_TABLES_POSTGRES,
  },
  {
    version: 3,
    name: 'lines by rank, account and campaign; followers of the log',
    sqlite: THIRD_TABLES_SQLITE,
    postgres: THIRD_TABLES_POSTGRES,
  },
  {
    version: 4,
    name: 'who was reached before',
    sqlite: FOURTH_TABLES_SQLITE,
    postgres: FOURTH_TABLES_POSTGRES,
  },
  {
    version: 5,
    name: 'webhooks, statistics, sending that is paused',
    sqlite: FIFTH_TABLES_SQLITE,
    postgres: FIFTH_TABLES_POSTGRES,
  },
  {
    version: 6,
    name: 'templates, people, audit, schedules',
    sqlite: SIXTH_TABLES_SQLITE,
    postgres: SIXTH_TABLES_POSTGRES,
  },
  {
    version: 7,
    name: 'certificates',
    sqlite: SEVENTH_TABLES_SQLITE,
    postgres: SEVENTH_TABLES_POSTGRES,
  },
]

export const SCHEMA_VERSION = MIGRATIONS.length

/** Where each engine records what it ran; the statement is the same in both. */
export const MIGRATION_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version BIGINT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL
)`

/** The store was written by a newer release: going on would damage it. */
export class NewerSchema extends Error {
  override readonly name = 'NewerSchema'
  constructor(found: number) {
    super(
      `the store has schema version ${found}, this release knows up to ${SCHEMA_VERSION}: ` +
        'start the newer release again, or restore the backup that was made before the upgrade',
    )
  }
}

/** What is still to run on a store at version `found` (0 when it is empty). */
export function pendingMigrations(found: number): readonly Migration[] {
  if (found > SCHEMA_VERSION) throw new NewerSchema(found)
  return MIGRATIONS.slice(found)
}
