//
// Owns: what only SQLite must prove: settings, kills, a full disk, a foreign or newer file, snapshots.

import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMessageId } from '../../../src/core/ids.ts'
import { SCHEMA_VERSION } from '../../../src/store/migrations/migration.ts'
import { openSqlite, type SqliteOptions } from '../../../src/store/sqlite/open.ts'
import { openForReading, openForWriting, pragma } from '../../../src/store/sqlite/settings.ts'
import { SNAPSHOT_NAME } from '../../../src/store/sqlite/upkeep.ts'
import { acceptanceOf, deferred, delivered, HOLDER, NOW, storeOptions } from '../contract/samples.ts'

const root = mkdtempSync(join(tmpdir(), 'mailwok-file-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let named = 0
const fresh = () => {
  named += 1
  return join(root, `${named}.db`)
}
const open = (path: string, change: Partial<SqliteOptions> = {}) =>
  openSqlite(path, { ...storeOptions(), ...change })
const failureOf = (opening: Promise<unknown>): Promise<string> =>
  opening.then(
    () => 'opened',
    (error: Error) => error.message,
  )

test('the settings of the promises are in force', () => {
  const path = fresh()
  const db = openForWriting(path)
  db.run('CREATE TABLE t (a)')
  const names = [
    'journal_mode',
    'synchronous',
    'busy_timeout',
    'foreign_keys',
    'trusted_schema',
    'auto_vacuum',
  ]
  expect(names.map((name) => pragma(db, name))).toEqual(['wal', 2, 5000, 1, 0, 2])
  expect([pragma(db, 'cell_size_check'), pragma(db, 'journal_size_limit')]).toEqual([1, 67_108_864])
  const reader = openForReading(path)
  expect(() => reader.run('INSERT INTO t VALUES (1)')).toThrow()
  reader.close()
  db.close()
})

test('a file that is no store is refused with its name', async () => {
  const path = fresh()
  writeFileSync(path, 'not a database, but long enough to be taken for a header '.repeat(50))
  expect(await failureOf(open(path))).toContain(path)
  expect(await failureOf(open(join(root, 'no-such-folder', 'a.db')))).toContain('no-such-folder')
})

test('a newer schema is refused with both versions', async () => {
  const path = fresh()
  await (await open(path)).close()
  const db = new Database(path)
  db.run("INSERT INTO schema_migrations (version, name) VALUES (999, 'from the future')")
  db.close()
  expect(await failureOf(open(path))).toMatch(new RegExp(`schema version 999.*knows up to ${SCHEMA_VERSION}`))
})

test('opening again finds everything', async () => {
  const path = fresh()
  const first = await open(path)
  const acceptance = acceptanceOf({ leased: true })
  await first.queue.accept(acceptance)
  await first.queue.settle([deferred(acceptance, NOW + 5)], HOLDER)
  await first.close()
  const second = await open(path)
  expect(await second.messages.get(acceptance.message.id, null)).toEqual(acceptance.message)
  expect(await second.queue.nextDueAt()).toBe(NOW + 5)
  await second.close()
})

test('nothing acknowledged is lost by kill -9', async () => {
  const path = fresh()
  const child = Bun.spawn(['bun', join(import.meta.dir, 'accepting-child.ts'), path], { stdout: 'pipe' })
  let heard = ''
  const decoder = new TextDecoder()
  for await (const chunk of child.stdout) {
    heard += decoder.decode(chunk, { stream: true })
    if (heard.length > 200 * 17) child.kill('SIGKILL')
  }
  await child.exited
  const ids = heard
    .slice(0, heard.lastIndexOf('\n'))
    .split('\n')
    .flatMap((line) => parseMessageId(line) ?? [])
  expect(ids.length).toBeGreaterThan(150)
  const store = await open(path)
  for (const id of ids) expect(await store.messages.get(id, null)).not.toBeNull()
  const { freed } = await store.queue.heartbeat({ ...HOLDER, boot: 'after' }, NOW, NOW + 60_000)
  expect(freed).toBeGreaterThanOrEqual(ids.length)
  await store.close()
})

test('a full disk refuses mail and takes it again once there is room', async () => {
  const store = await open(fresh(), { maxPages: 700 })
  const large = () => acceptanceOf({ leased: true, text: 'x'.repeat(100_000) })
  let end = await store.queue.accept(large())
  for (let count = 0; end.ok && count < 100; count += 1) {
    const acceptance = large()
    end = await store.queue.accept(acceptance)
    if (end.ok) await store.queue.settle([delivered(acceptance)], HOLDER)
  }
  expect(end).toEqual({ ok: false, error: 'full' })
  const bounds = {
    contentBefore: NOW + 21,
    attemptsBefore: 0,
    eventsBefore: 0,
    idempotencyBefore: 0,
    waysOutBefore: 0,
  }
  expect((await store.upkeep.retain(bounds)).contents).toBeGreaterThan(10)
  expect((await store.queue.accept(large())).ok).toBe(true)
  await store.close()
})

test('a settlement that comes with mail that does not fit is kept all the same', async () => {
  const store = await open(fresh(), { maxPages: 300 })
  const small = acceptanceOf({ leased: true })
  await store.queue.accept(small)
  const [large, settled] = await Promise.all([
    store.queue.accept(acceptanceOf({ text: 'x'.repeat(2_000_000) })),
    store.queue.settle([delivered(small)], HOLDER),
  ])
  expect(large).toEqual({ ok: false, error: 'full' })
  expect(settled).toEqual({ ok: true, value: { settled: 1, stale: 0 } })
  await store.close()
})

test('an inbox at its bound says busy and recovers', async () => {
  const store = await open(fresh(), { inboxBytes: 50_000 })
  const ends = await Promise.all(
    Array.from({ length: 20 }, () => store.queue.accept(acceptanceOf({ text: 'x'.repeat(10_000) }))),
  )
  const refused = ends.filter((end) => !end.ok)
  expect(refused.length).toBeGreaterThan(10)
  expect(refused[0]).toEqual({ ok: false, error: 'busy' })
  expect((await store.queue.accept(acceptanceOf({ text: 'x'.repeat(60_000) }))).ok).toBe(true)
  await store.close()
})

test('many at once share commits', async () => {
  const groups: number[] = []
  const options = storeOptions()
  const meter = { ...options.meter, observe: (_name: string, value: number) => void groups.push(value) }
  const store = await open(fresh(), { meter })
  await Promise.all(Array.from({ length: 500 }, () => store.queue.accept(acceptanceOf())))
  expect(groups.length).toBeLessThan(20)
  await store.close()
})

test('a snapshot taken under load is a whole store', async () => {
  const store = await open(fresh())
  const before = acceptanceOf()
  await store.queue.accept(before)
  const folder = join(root, 'snapshot')
  mkdirSync(folder)
  const load = Promise.all(Array.from({ length: 200 }, () => store.queue.accept(acceptanceOf())))
  await store.upkeep.snapshot(folder)
  await load
  await store.close()
  const copy = await open(join(folder, SNAPSHOT_NAME))
  expect(await copy.messages.get(before.message.id, null)).toEqual(before.message)
  expect(await copy.upkeep.schemaVersion()).toBe(SCHEMA_VERSION)
  await copy.close()
})
