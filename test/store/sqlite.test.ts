//
// Owns: the SQLite engine under the contract suite.

import { Database } from 'bun:sqlite'
import { afterAll } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { storeContract } from './contract/contract.ts'
import { storeOptions } from './contract/samples.ts'

const root = mkdtempSync(join(tmpdir(), 'mailwok-sqlite-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let opened = 0
const newest = () => join(root, `${opened}.db`)
const open = () => {
  opened += 1
  return openSqlite(newest(), storeOptions())
}

storeContract('sqlite', open, async (content) => {
  const db = new Database(newest(), { readwrite: true, create: false })
  db.run('PRAGMA busy_timeout = 5000')
  const row = db
    .prepare<{ bytes: Uint8Array }, [string]>('SELECT bytes FROM contents WHERE id = ?')
    .get(content)
  const bytes = Buffer.from(row?.bytes ?? [])
  bytes[3] = (bytes[3] ?? 0) ^ 1
  db.prepare('UPDATE contents SET bytes = ? WHERE id = ?').run(bytes, content)
  db.close()
})
