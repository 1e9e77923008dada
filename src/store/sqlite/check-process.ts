//
// Owns: reading a SQLite store from one end to the other, in a process of its own: this executable with `doctor
// store-check`, or, of a checkout, this file.
// Never: changes it, or waits for a lock: a read transaction is all it takes.

import { Database } from 'bun:sqlite'

/** One line per fault, and no more than anybody reads. */
const MOST_FAULTS = 10

/** The exit code. */
export function checkAndTell(file: string, depth: string): number {
  try {
    const db = new Database(file, { readonly: true, strict: true })
    try {
      db.run('PRAGMA busy_timeout = 2000')
      const damage = depth === 'full' ? faultsIn(db) : []
      process.stdout.write(`${JSON.stringify({ schema: schemaOf(db), damage })}\n`)
      return 0
    } finally {
      db.close()
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

function faultsIn(db: Database): readonly string[] {
  const rows = db.query<{ quick_check: string }, []>(`PRAGMA quick_check(${MOST_FAULTS})`).all()
  return rows.map((row) => row.quick_check).filter((line) => line !== 'ok')
}

/** 0: none of our tables is in it. */
function schemaOf(db: Database): number {
  const [table] = db.query("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").all()
  if (table === undefined) return 0
  const [row] = db
    .query<{ version: number | null }, []>('SELECT max(version) AS version FROM schema_migrations')
    .all()
  return row?.version ?? 0
}

if (import.meta.main) process.exit(checkAndTell(Bun.argv[2] ?? '', Bun.argv[3] ?? ''))
