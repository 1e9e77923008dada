//
// Owns: the group under a full disk, with a ceiling on the file in place of a small disk.

import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupCommitter, type Room } from '../../../src/store/sqlite/group.ts'
import { migrate } from '../../../src/store/sqlite/migrate.ts'
import { giveUpReserve, hasReserve, keepReserve } from '../../../src/store/sqlite/reserve.ts'
import type { Operation } from '../../../src/store/sqlite/wire.ts'

const root = mkdtempSync(join(tmpdir(), 'mailwok-reserve-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a reserve is kept, given up once, and made anew', () => {
  const path = join(root, 'a.db')
  expect(giveUpReserve(path)).toBe(false)
  keepReserve(path)
  keepReserve(path)
  expect(hasReserve(path)).toBe(true)
  expect(giveUpReserve(path)).toBe(true)
  expect(hasReserve(path)).toBe(false)
  expect(giveUpReserve(path)).toBe(false)
  keepReserve(path)
  expect(hasReserve(path)).toBe(true)
})

test('what is owed gets the reserve, new mail does not', () => {
  const db = new Database(join(root, 'b.db'), { create: true, strict: true })
  migrate(db)
  const pages = db.prepare<{ page_count: number }, []>('PRAGMA page_count').all()[0]?.page_count ?? 0
  db.run(`PRAGMA max_page_count = ${pages}`)
  let made = 0
  const room: Room = {
    isTight: () => made > 0,
    make: () => {
      made += 1
      db.run(`PRAGMA max_page_count = ${pages + 100}`)
      return true
    },
  }
  const committer = new GroupCommitter(db, room)
  const large: Operation = {
    op: 'statements',
    statements: [
      { sql: 'INSERT INTO meta (key, value) VALUES (?, ?)', values: ['owed', 'x'.repeat(20_000)] },
    ],
  }
  const mail: Operation = {
    op: 'accept',
    content: ['cnt_000000000001', 'submitted', 0, 0],
    message: ['msg_000000000001'],
    deliveries: [],
    leased: [],
    events: [],
    idempotency: null,
    holder: { node: 'n', boot: 'b' },
  }
  const { answers, trouble } = committer.commit([large], new Uint8Array())
  expect([answers, trouble, made]).toEqual([[{ value: [[]] }], null, 1])
  expect(committer.commit([mail], new Uint8Array()).answers).toEqual([{ fault: 'full' }])
  db.close()
})
