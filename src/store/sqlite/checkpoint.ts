//
// Owns: moving committed pages from the WAL into the file.
//
// The bulk is moved by the side thread's own connection, beside the writer (a PASSIVE checkpoint takes no lock that a
// writer needs). The writer itself moves only what is left, between two groups, so that the WAL can start from its
// beginning again; it is cut only when it outgrew its limit, because overwriting a file syncs faster than growing it.

import type { Database } from 'bun:sqlite'
import { statSync } from 'node:fs'
import { JOURNAL_SIZE_LIMIT } from './settings.ts'

/** Pages in the WAL from which the writer is asked to finish: 16 MB. */
export const REST_FROM_PAGES = 4096

interface CheckpointRow {
  readonly busy: number
  readonly log: number
  readonly checkpointed: number
}

/** Pages in the WAL and how many of them are in the file now. */
export function checkpointPassive(db: Database): CheckpointRow {
  const row = db.query<CheckpointRow, []>('PRAGMA wal_checkpoint(PASSIVE)').all()[0]
  return row ?? { busy: 1, log: 0, checkpointed: 0 }
}

/** Null, or what went wrong. */
export function checkpointRest(db: Database, path: string): string | null {
  try {
    const row = checkpointPassive(db)
    if (row.log !== row.checkpointed || sizeOf(`${path}-wal`) <= JOURNAL_SIZE_LIMIT) return null
    // A reader in the middle of something long must not hold the writer for the whole busy timeout.
    db.run('PRAGMA busy_timeout = 0')
    db.query('PRAGMA wal_checkpoint(TRUNCATE)').all()
    db.run('PRAGMA busy_timeout = 5000')
    return null
  } catch (error) {
    return `checkpoint: ${String(error)}`
  }
}

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
