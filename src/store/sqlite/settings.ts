//
// Owns: how a connection to the SQLite file is opened, and the settings without which the store's promises do not hold.
// Never: starts with a setting that did not take: a promise that is silently weaker is worse than no start.

import { Database, type SQLQueryBindings } from 'bun:sqlite'
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/** Earlier releases could lose commits when a WAL restarted beside a checkpoint. */
const LEAST_VERSION = [3, 51, 3] as const
/** Waiting for a lock; nobody but a person with a shell holds one for long. */
const BUSY_TIMEOUT_MS = 5000
export const JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024

/** As `PRAGMA name` reports them. */
const WANTED: Readonly<Record<string, string | number>> = {
  journal_mode: 'wal',
  synchronous: 2,
  busy_timeout: BUSY_TIMEOUT_MS,
  foreign_keys: 1,
  journal_size_limit: JOURNAL_SIZE_LIMIT,
  trusted_schema: 0,
  cell_size_check: 1,
  mmap_size: 0,
  auto_vacuum: 2,
}

/** What a reader can and must have; the rest is of the writer or of the file. */
const WANTED_OF_READER = ['journal_mode', 'busy_timeout', 'trusted_schema', 'cell_size_check', 'mmap_size']

/**
 * A connection with a statement left open is not closed but lingers with its locks until garbage is collected: this one
 * finalizes what it prepared.
 */
class Connection extends Database {
  private readonly prepared: { finalize(): void }[] = []

  override prepare<Row, Values extends SQLQueryBindings | SQLQueryBindings[]>(sql: string, values?: Values) {
    const statement = super.prepare<Row, Values>(sql, values)
    this.prepared.push(statement)
    return statement
  }

  override close(throwOnError?: boolean): void {
    for (const statement of this.prepared.splice(0)) statement.finalize()
    super.close(throwOnError)
  }
}

export function openForWriting(path: string): Database {
  assertVersion()
  const isNew = !existsSync(path)
  const db = new Connection(path, { create: true, readwrite: true, strict: true })
  try {
    // First of all: a process that is just closing the file holds its lock for a moment.
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    // Before the first table, or it would need a rebuild of the file.
    if (isNew) db.run('PRAGMA auto_vacuum = INCREMENTAL')
    db.run('PRAGMA journal_mode = WAL')
    db.run('PRAGMA synchronous = FULL')
    db.run('PRAGMA foreign_keys = ON')
    db.run(`PRAGMA journal_size_limit = ${JOURNAL_SIZE_LIMIT}`)
    // We checkpoint ourselves: an automatic one would hold a group of commits for as long as it takes.
    db.run('PRAGMA wal_autocheckpoint = 0')
    // 32 MB: keys grow with time, so that what is written lies together whatever the file's size.
    db.run('PRAGMA cache_size = -32768')
    setCommon(db)
    assertSettings(db, Object.keys(WANTED))
  } catch (error) {
    db.close()
    throw error
  }
  return db
}

export function openForReading(path: string): Database {
  const db = new Connection(path, { readonly: true, strict: true })
  setCommon(db)
  assertSettings(db, WANTED_OF_READER)
  return db
}

/** Also a file that no node has opened yet, such as one that was just restored. */
export function openForChecking(path: string): Database {
  const db = new Connection(path, { readonly: true, strict: true })
  setCommon(db)
  return db
}

/** Writes the file, though no row: it moves what others committed. */
export function openForCheckpoints(path: string): Database {
  const db = new Connection(path, { readwrite: true, create: false, strict: true })
  setCommon(db)
  db.run('PRAGMA synchronous = FULL')
  db.run('PRAGMA wal_autocheckpoint = 0')
  return db
}

/** A copy of file and log: the log is played into it, and it becomes a file of its own that no log belongs to. */
export function openSnapshot(path: string): Database {
  const db = new Connection(path, { readwrite: true, create: false, strict: true })
  setCommon(db)
  db.run('PRAGMA synchronous = FULL')
  const mode = pragma(db, 'journal_mode = DELETE')
  if (mode === 'delete') return db
  db.close()
  throw new Error(`SQLite: the copy keeps journal_mode ${mode}; want delete`)
}

/** A new file is only there after a power cut if its folder's entry is, too. */
export function syncFolderOf(path: string): void {
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

export function pragma(db: Database, name: string): string | number | null {
  // Kept and run to its end: an open statement would hold a lock.
  const row = db.query<Record<string, string | number>, []>(`PRAGMA ${name}`).all()[0]
  return row === undefined ? null : (Object.values(row)[0] ?? null)
}

function setCommon(db: Database): void {
  db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  db.run('PRAGMA trusted_schema = OFF')
  db.run('PRAGMA cell_size_check = ON')
  db.run('PRAGMA mmap_size = 0')
}

function assertSettings(db: Database, names: readonly string[]): void {
  for (const name of names) {
    const got = pragma(db, name)
    // Without memory mapping compiled in, mmap_size has no row: that is as good as 0.
    if (got !== WANTED[name] && !(name === 'mmap_size' && got === null)) {
      throw new Error(`SQLite: PRAGMA ${name} is ${got}; want ${WANTED[name]}`)
    }
  }
}

function assertVersion(): void {
  const db = new Database(':memory:')
  const row = db.prepare<{ version: string }, []>('SELECT sqlite_version() AS version').get()
  db.close()
  const version = row?.version ?? ''
  const parts = version.split('.').map(Number)
  for (const [index, least] of LEAST_VERSION.entries()) {
    const part = parts[index] ?? 0
    if (part > least) return
    if (part < least) throw new Error(`SQLite is ${version}; want ${LEAST_VERSION.join('.')} or later`)
  }
}
