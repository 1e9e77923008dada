//
// Owns: a consistent copy of a SQLite store that is in use, made by a process of its own, as one file that needs no log.
// Never: in a process that has the store open: closing a plain descriptor of the file drops every lock that SQLite holds
// on it in that process (POSIX advisory locks belong to process and inode).
//
// `VACUUM INTO` holds one read transaction for as long as gigabytes take, and the WAL grows meanwhile. Here the file is
// copied twice: first as it happens to be, at leisure and without a lock, and then, under a read transaction, only what
// differs. Under that transaction the file changes by no page that its WAL does not hold as well (a checkpoint moves
// frames up to the reader's mark, and the WAL cannot begin anew), so that file and WAL together are the store as it is
// when the WAL is copied. Half of the time is given back to who serves mail.

import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { setPriority } from 'node:os'
import { openForReading, openSnapshot, syncFolderOf } from './settings.ts'

/** Read, written and made durable at once: the disk is never asked for more than this before somebody's commit. */
const PART_OCTETS = 2 * 1024 * 1024
/** What is compared. */
const BLOCK_OCTETS = 64 * 1024
const REST_MS = 15
const LEAST_PRIORITY = 19
/** One pass under the lock is short enough. */
const SMALL_OCTETS = 32 * 1024 * 1024

export interface Copied {
  readonly octets: number
  readonly sha256: string
}

/** Throws what the file system or SQLite says; what was written of `to` is left to the caller. */
export function copyInUse(from: string, to: string): Copied {
  yieldToOthers()
  const copy = openSync(to, 'wx+', 0o600)
  const source = openSync(from, 'r')
  try {
    if (fstatSync(source).size > SMALL_OCTETS) take(source, copy, REST_MS)
    const reader = openForReading(from)
    try {
      reader.run('BEGIN')
      // The transaction begins with the first look.
      reader.query('SELECT count(*) FROM schema_migrations').all()
      take(source, copy, 0)
      copyLog(`${from}-wal`, `${to}-wal`)
    } finally {
      reader.close()
    }
  } finally {
    // After the reader: see above.
    closeSync(source)
    fdatasyncSync(copy)
    closeSync(copy)
  }
  bringIn(to)
  return { ...digestOf(to) }
}

/** Makes `copy` what `source` is, block by block; what is equal is not written again. */
function take(source: number, copy: number, rest: number): void {
  const ours = new Uint8Array(PART_OCTETS)
  const theirs = new Uint8Array(PART_OCTETS)
  let at = 0
  for (;;) {
    const length = readSync(source, theirs, 0, PART_OCTETS, at)
    const known = readSync(copy, ours, 0, PART_OCTETS, at)
    if (length === 0) break
    const written = writeDifferences(copy, at, {
      ours: ours.subarray(0, known),
      theirs: theirs.subarray(0, length),
    })
    if (written && rest > 0) fdatasyncSync(copy)
    if (rest > 0) Bun.sleepSync(rest)
    at += length
  }
  ftruncateSync(copy, at)
}

function writeDifferences(
  copy: number,
  at: number,
  { ours, theirs }: { readonly ours: Uint8Array; readonly theirs: Uint8Array },
): boolean {
  let written = false
  for (let start = 0; start < theirs.length; start += BLOCK_OCTETS) {
    const wanted = theirs.subarray(start, start + BLOCK_OCTETS)
    if (Buffer.compare(wanted, ours.subarray(start, start + BLOCK_OCTETS)) === 0) continue
    for (let done = 0; done < wanted.length; )
      done += writeSync(copy, wanted, done, wanted.length - done, at + start + done)
    written = true
  }
  return written
}

/** What a commit is just appending is a frame without its checksum, and so the end of the copy. */
function copyLog(from: string, to: string): void {
  if (!existsSync(from)) return
  const source = openSync(from, 'r')
  const copy = openSync(to, 'wx+', 0o600)
  try {
    take(source, copy, 0)
  } finally {
    closeSync(source)
    closeSync(copy)
  }
}

/** Plays the log into the copy, which from then on is one file. */
function bringIn(path: string): void {
  openSnapshot(path).close()
  for (const ending of ['-wal', '-shm']) rmSync(`${path}${ending}`, { force: true })
  const file = openSync(path, 'r')
  try {
    fdatasyncSync(file)
  } finally {
    closeSync(file)
  }
  syncFolderOf(path)
}

function digestOf(path: string): Copied {
  const hash = createHash('sha256')
  const part = new Uint8Array(PART_OCTETS)
  const file = openSync(path, 'r')
  let octets = 0
  try {
    for (;;) {
      const length = readSync(file, part, 0, PART_OCTETS, octets)
      if (length === 0) return { octets, sha256: hash.digest('hex') }
      hash.update(part.subarray(0, length))
      octets += length
    }
  } finally {
    closeSync(file)
  }
}

function yieldToOthers(): void {
  try {
    setPriority(LEAST_PRIORITY)
  } catch {
    // Where it may not, it is slower for others and right all the same.
  }
}
