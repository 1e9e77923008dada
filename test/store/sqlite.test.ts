//
// Owns: the SQLite engine under the contract suite.

import { afterAll, describe } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { queueContract } from './contract/queue.ts'
import { storeOptions } from './contract/samples.ts'

const root = mkdtempSync(join(tmpdir(), 'mailwok-sqlite-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let opened = 0
const open = () => {
  opened += 1
  return openSqlite(join(root, `${opened}.db`), storeOptions())
}

describe('sqlite', () => {
  queueContract(open)
})
