//
// A copy of a file that is written to all the while holds whole transactions, and is one file that needs no log.

import { Database } from 'bun:sqlite'
import { afterEach, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkpointRest } from '../../../src/store/sqlite/checkpoint.ts'
import { copyStore } from '../../../src/store/sqlite/copy-process.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import { openForCheckpoints, openForWriting } from '../../../src/store/sqlite/settings.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
const freshFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-copying-'))
  folders.push(folder)
  return folder
}

/** Rows far from each other, all of which every transaction moves on together. */
const ROWS = 40
const PAGES_BETWEEN = 260

function storeIn(folder: string): Database {
  const db = openForWriting(join(folder, 'mailwok.db'))
  migrate(db)
  db.run('CREATE TABLE clocks (id INTEGER PRIMARY KEY, turn INTEGER NOT NULL, filling BLOB)')
  const add = db.prepare('INSERT INTO clocks (turn, filling) VALUES (0, ?)')
  for (let row = 0; row < ROWS; row += 1) add.run(new Uint8Array(4096 * PAGES_BETWEEN).fill(row))
  return db
}

const copyOf = (folder: string) => new Database(join(folder, 'copy.db'), { readonly: true })
const turnsIn = (db: Database) =>
  db
    .query<{ turn: number }, []>('SELECT DISTINCT turn FROM clocks')
    .all()
    .map(({ turn }) => turn)

test('transactions are in the copy whole, whatever is committed and checkpointed meanwhile', async () => {
  const folder = freshFolder()
  const path = join(folder, 'mailwok.db')
  const db = storeIn(folder)
  const checkpoints = openForCheckpoints(path)
  expect(checkpointRest(db, path)).toBeNull()
  expect(statSync(path).size).toBeGreaterThan(32 * 1024 * 1024)
  const turn = db.prepare('UPDATE clocks SET turn = turn + 1')
  let turns = 0
  let ended = false
  const copied = copyStore(path, join(folder, 'copy.db')).finally(() => {
    ended = true
  })
  while (!ended) {
    turn.run()
    turns += 1
    if (turns % 3 === 0) checkpoints.query('PRAGMA wal_checkpoint(PASSIVE)').all()
    if (turns % 7 === 0) checkpointRest(db, path)
    await Bun.sleep(1)
  }
  const { octets, sha256 } = await copied
  const bytes = readFileSync(join(folder, 'copy.db'))
  expect([bytes.length, new Bun.CryptoHasher('sha256').update(bytes).digest('hex')]).toEqual([octets, sha256])
  expect(existsSync(join(folder, 'copy.db-wal'))).toBe(false)
  const copy = copyOf(folder)
  expect(copy.query('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  const [one, ...others] = turnsIn(copy)
  expect(others).toEqual([])
  // Not as it was when the first page was copied: some of what was committed meanwhile is in it.
  expect(one).toBeGreaterThan(0)
  expect(one).toBeLessThanOrEqual(turns)
  copy.close()
  checkpoints.close()
  db.close()
}, 60_000)

test('what is only in the log is in the copy', async () => {
  const folder = freshFolder()
  const db = storeIn(folder)
  db.run('UPDATE clocks SET turn = 7')
  await copyStore(join(folder, 'mailwok.db'), join(folder, 'copy.db'))
  const copy = copyOf(folder)
  expect(turnsIn(copy)).toEqual([7])
  copy.close()
  db.close()
})

test('nothing is written over, and what is no store is told', async () => {
  const folder = freshFolder()
  const db = storeIn(folder)
  writeFileSync(join(folder, 'there'), 'mine')
  await expect(copyStore(join(folder, 'mailwok.db'), join(folder, 'there'))).rejects.toThrow('EEXIST')
  expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('mine')
  await expect(copyStore(join(folder, 'nowhere'), join(folder, 'copy.db'))).rejects.toThrow('ENOENT')
  db.close()
})
