//
// Owns: whether a snapshot in a folder is whole, by the engine's own means. Reads, and changes nothing.

import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { pgProgram } from './postgres/programs.ts'
import { SNAPSHOT_NAME as POSTGRES_NAME } from './postgres/snapshot.ts'
import { schemaVersion } from './sqlite/migrate.ts'
import { SNAPSHOT_NAME as SQLITE_NAME } from './sqlite/upkeep.ts'
import type { Store } from './store.ts'

export type SnapshotCheck =
  /** Null: it stands in the manifest alone. */
  | { readonly kind: 'whole'; readonly schema: number | null }
  | { readonly kind: 'damaged'; readonly say: string }
  | { readonly kind: 'unable'; readonly say: string }

export const snapshotNameOf = (engine: Store['engine']): string =>
  engine === 'sqlite' ? SQLITE_NAME : POSTGRES_NAME

export function checkSnapshot(engine: Store['engine'], folder: string): Promise<SnapshotCheck> {
  const path = join(folder, snapshotNameOf(engine))
  return engine === 'sqlite' ? Promise.resolve(checkFile(path)) : checkDump(path)
}

function checkFile(path: string): SnapshotCheck {
  let db: Database | null = null
  try {
    db = new Database(path, { readonly: true, strict: true })
    db.run('PRAGMA cell_size_check = ON')
    const [first] = db.query<{ integrity_check: string }, []>('PRAGMA integrity_check(1)').all()
    if (first?.integrity_check !== 'ok')
      return { kind: 'damaged', say: `the database says: ${first?.integrity_check ?? 'nothing'}` }
    return { kind: 'whole', schema: schemaVersion(db) }
  } catch (error) {
    return {
      kind: 'damaged',
      say: `the database cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    }
  } finally {
    db?.close()
  }
}

/** Reads all of it, as restoring would, into nowhere. */
async function checkDump(path: string): Promise<SnapshotCheck> {
  const program = pgProgram('pg_restore')
  if (program === null) {
    return {
      kind: 'unable',
      say: 'pg_restore was not found: install the PostgreSQL client package on this machine',
    }
  }
  const child = Bun.spawn([program, '--file=/dev/null', path], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const said = (await child.stderr.text()).trim()
  return (await child.exited) === 0
    ? { kind: 'whole', schema: null }
    : { kind: 'damaged', say: `pg_restore says: ${said}` }
}
