//
// What is wrong in a store is told by name, beside a store in use; what is well is not. Both engines.

import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkStore } from '../../src/store/check.ts'
import { openStore, storeFile } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { administer, freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { acceptanceOf, delivered, HOLDER, NOW, storeOptions } from './contract/samples.ts'

setDefaultTimeout(60_000)
const folder = mkdtempSync(join(tmpdir(), 'mailwok-check-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const postgres = postgresSuite('postgres')
const ENGINES = [
  { name: 'sqlite', skip: false, url: async () => `sqlite:${join(folder, `${Bun.nanoseconds()}.db`)}` },
  { name: postgres.name, skip: postgres.skip, url: () => freshDatabase() },
] as const

async function change(url: string, sql: string): Promise<void> {
  const file = storeFile(url)
  if (file === null) return administer(url, sql)
  const db = new Database(file)
  db.run(sql)
  db.close()
}

for (const { name, skip, url } of ENGINES) {
  describe.skipIf(skip)(name, () => {
    async function found(damage: (at: string) => Promise<void>, all = true): Promise<readonly string[]> {
      const at = await url()
      const store: Store = await openStore(at, storeOptions())
      try {
        await store.queue.heartbeat(HOLDER, NOW, NOW + 1e9)
        for (let count = 0; count < 12; count += 1) {
          const one = acceptanceOf({ leased: count % 3 === 0 })
          await store.queue.accept(one)
          if (count % 6 === 0) await store.queue.settle([delivered(one)], HOLDER)
        }
        await damage(at)
        const told = await checkStore(at, { all, onContents: () => undefined })
        return told.map((finding) => `${finding.check}: ${finding.say.slice(0, 30)}`)
      } finally {
        await store.close()
      }
    }
    const by = (sql: string) => (at: string) => change(at, sql)

    test('of what is well nothing is told', async () => {
      expect(await found(async () => undefined)).toEqual([])
      expect(await found(async () => undefined, false)).toEqual([])
    })
    test.each([
      [
        'DELETE FROM contents WHERE id = (SELECT max(id) FROM contents)',
        'owed: 1 deliveries that are owed hav',
      ],
      [
        'DELETE FROM messages WHERE id = (SELECT max(id) FROM messages)',
        'orphans: 1 deliveries belong to no mess',
      ],
      [
        'DELETE FROM waiting WHERE delivery_id = (SELECT max(delivery_id) FROM waiting)',
        'queue: 1 deliveries are owed and neit',
      ],
      [
        "INSERT INTO attempts SELECT 'msg_nobody.0', number, outcome, started_at, ended_at, mx, address, source, tls, peer_software, diagnostic, code, enhanced_code, via, transcript FROM attempts LIMIT 1",
        'orphans: 1 attempts belong to no delive',
      ],
      [
        "INSERT INTO waiting SELECT line, due_at, 'msg_nobody.0' FROM waiting LIMIT 1",
        'queue: 1 places in the queue belong t',
      ],
      ["INSERT INTO schema_migrations VALUES (999, 'tomorrow')", 'schema: it has schema 999, this releas'],
    ] as const)('%s', async (sql, want) => {
      expect(await found(by(sql))).toEqual([want])
    })
    test('a body that is not what was accepted', async () => {
      const other = name === 'sqlite' ? "x'00'" : "'\\x00'"
      const told = await found(
        by(`UPDATE contents SET bytes = ${other} WHERE id = (SELECT max(id) FROM contents)`),
      )
      expect(told).toHaveLength(1)
      expect(told[0]).toStartWith('contents: the body cnt_')
    })
  })
}

test('pages of a file that are damaged', async () => {
  const file = join(folder, 'pages.db')
  const store = await openStore(`sqlite:${file}`, storeOptions())
  for (let count = 0; count < 200; count += 1) await store.queue.accept(acceptanceOf())
  await store.close()
  const bytes = readFileSync(file)
  bytes.fill(0xff, 4096 * 40, 4096 * 44)
  writeFileSync(file, bytes)
  const told = await checkStore(`sqlite:${file}`, { all: true, onContents: () => undefined }).catch(
    (error) => [{ check: 'integrity', say: String(error) }],
  )
  expect(told[0]?.check).toBe('integrity')
})
