// Owns: what an error of SQLite means for those who wait. What is not expected is a bug, never a fault of the disk.

import { SQLiteError } from 'bun:sqlite'
import type { StoreFault } from '../store-fault.ts'

export function kindOfError(error: unknown): StoreFault | 'exists' | 'bug' {
  if (!(error instanceof SQLiteError)) return 'bug'
  const code = error.code ?? ''
  if (code === 'SQLITE_FULL') return 'full'
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return 'exists'
  // The disk, its rights, its contents, or a lock that somebody else holds: none passes by trying the next member.
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|BUSY|LOCKED|NOMEM|PROTOCOL)/.test(code)) {
    return 'unavailable'
  }
  return 'bug'
}
