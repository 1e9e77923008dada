//
// Owns: the proof that a store of an earlier release keeps what it owes: rows written at schema 2 are claimed, released
// and deferred after the upgrade, in their own lines.

import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import { MIGRATION_TABLE, MIGRATIONS, SCHEMA_VERSION } from '../../src/store/migrations/migration.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import type { DueLine, Store } from '../../src/store/store.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { acceptanceOf, domainNamed, HOLDER, NOW, storeOptions } from './contract/samples.ts'

setDefaultTimeout(60_000)

const VERSION = 2
const steps = MIGRATIONS.slice(0, VERSION)
const root = mkdtempSync(join(tmpdir(), 'mailwok-upgrade-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const message = (id: string, stream: string, campaign: string | null) => `
  INSERT INTO messages (id, account_id, key_id, content_id, source, mode, created_at, reverse_path, from_mailbox,
    signing_domain, subject, stream, tags, custom, track_opens, track_clicks, expires_at, size, campaign, pool, wishes)
  VALUES ('msg_00000000000${id}', 'acc_1', NULL, 'cnt_1', 'api', 'live', ${NOW}, NULL, 'a@example.com', 'example.com', '',
    '${stream}', '[]', NULL, 0, 0, ${NOW + 1000}, 7, ${campaign === null ? 'NULL' : `'${campaign}'`}, NULL, NULL)`

const delivery = (id: string, destination: string, state: 'queued' | 'held' | 'delivered') => `
  INSERT INTO deliveries (id, message_id, account_id, recipient, destination, state, attempts, due_at, finished_at, dsn)
  VALUES ('msg_00000000000${id}.0', 'msg_00000000000${id}', 'acc_1', 'b@${destination}', '${destination}', '${state}', 1,
    ${state === 'queued' ? NOW + Number(id) : 'NULL'}, ${state === 'delivered' ? NOW : 'NULL'}, NULL)`

const waits = (id: string, destination: string) =>
  `INSERT INTO waiting VALUES ('${destination}', ${NOW + Number(id)}, 'msg_00000000000${id}.0')`

/** Two streams and campaigns of one destination, another destination, one leased, one held, one done. */
const ROWS = [
  message('1', 'transactional', null),
  message('2', 'marketing', 'spring'),
  message('3', 'marketing', 'spring'),
  message('4', 'transactional', null),
  message('5', 'transactional', null),
  message('6', 'marketing', 'spring'),
  message('7', 'transactional', null),
  delivery('1', 'one.example', 'queued'),
  delivery('2', 'one.example', 'queued'),
  delivery('3', 'one.example', 'queued'),
  delivery('4', 'two.example', 'queued'),
  delivery('5', 'two.example', 'queued'),
  delivery('6', 'one.example', 'held'),
  delivery('7', 'one.example', 'delivered'),
  waits('1', 'one.example'),
  waits('2', 'one.example'),
  waits('3', 'one.example'),
  waits('4', 'two.example'),
  `INSERT INTO leased VALUES ('msg_000000000005.0', 'n1', 'before')`,
  `INSERT INTO boots VALUES ('n1', 'before', ${NOW})`,
  `INSERT INTO destinations VALUES ('one.example', 'big', ${NOW + 1}, 3)`,
  `INSERT INTO destinations VALUES ('two.example', '', ${NOW + 4}, 1)`,
  `INSERT INTO accounts (id, name, plan, created_at) VALUES ('acc_1', 'default', 'unlimited', ${NOW})`,
  `INSERT INTO domains (name, account_id, created_at, verified_at, checked_at, checks)
    VALUES ('example.com', 'acc_1', ${NOW}, ${NOW}, ${NOW}, '{"dkimRsa":true}')`,
  ...steps.map(
    (step) => `INSERT INTO schema_migrations (version, name) VALUES (${step.version}, '${step.name}')`,
  ),
]

/** `octet` in the words of the engine. */
const dkimKey = (octet: string): string =>
  `INSERT INTO dkim_keys (domain, selector, algorithm, public_key, sealed_private_key, created_at)
    VALUES ('example.com', 'mw1r', 'rsa-sha256', 'MIIB', ${octet}, ${NOW})`

/** Keys that have signed go on; the domain is looked at soon, and gets its next keys then. */
async function assertDomain({ directory }: Store): Promise<void> {
  const name = domainNamed('example.com')
  expect(await directory.domain(name)).toMatchObject({
    verifiedAt: NOW,
    dkimRotation: true,
    trackingHost: null,
  })
  expect(await directory.dkimKeys(name)).toMatchObject([
    { selector: 'mw1r', state: 'active', origin: 'made', activatedAt: NOW, seenLooks: 0 },
  ])
  expect(await directory.dueLooks(NOW, 9)).toEqual([{ name, lookAt: 0 }])
}

async function assertUpgraded(store: Store): Promise<void> {
  await assertDomain(store)
  expect(await store.upkeep.schemaVersion()).toBe(SCHEMA_VERSION)
  const dueLines = () =>
    store.queue.dueLines({ now: NOW + 99, limit: 9, busy: new Set(), busyMarketing: new Set() })
  const told = (lines: readonly DueLine[]) =>
    lines
      .map((line) =>
        [line.destination, line.rank, line.campaign, line.provider, line.waiting, line.nextDueAt].join(' '),
      )
      .sort()
  const one = `one.example 0  big 1 ${NOW + 1}`
  expect(told(await dueLines())).toEqual([
    one,
    `one.example 1 spring big 2 ${NOW + 2}`,
    `two.example 0   1 ${NOW + 4}`,
  ])
  expect(await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)).toMatchObject({ freed: 1 })
  expect(await store.queue.command('release', {}, NOW)).toBe(1)
  const lines = await dueLines()
  expect(told(lines)).toEqual([one, `one.example 1 spring big 3 ${NOW}`, `two.example 0   2 ${NOW + 4}`])
  // What is new has a line of its own beside the old one, and both are claimed.
  await store.queue.accept(acceptanceOf())
  const claimed = await store.queue.claim(
    (await dueLines()).map(({ id }) => ({ line: id, limit: 9 })),
    NOW + 99,
    HOLDER,
  )
  expect(claimed).toHaveLength(7)
  const back = claimed.map(({ id }) => ({ deliveryId: id, attempt: null, events: [] }))
  await store.queue.settle(
    back.map((one) => ({ ...one, next: { state: 'queued', dueAt: NOW + 50 } })),
    HOLDER,
  )
  expect(await store.queue.overview(9)).toMatchObject({ waiting: 7, leased: 0, held: 0 })
  expect(await store.queue.command('hold', {}, NOW)).toBe(7)
}

test('a SQLite file of schema 2 keeps what it owes', async () => {
  const path = join(root, 'mailwok.db')
  const db = new Database(path, { create: true })
  db.run('PRAGMA auto_vacuum = INCREMENTAL')
  db.run(MIGRATION_TABLE)
  for (const step of steps) db.run(step.sqlite)
  for (const row of [...ROWS, dkimKey("x'00'")]) db.run(row)
  db.close()
  const store = await openSqlite(path, storeOptions())
  try {
    await assertUpgraded(store)
  } finally {
    await store.close()
  }
})

const suite = postgresSuite('a PostgreSQL database of schema 2')
describe.skipIf(suite.skip)(suite.name, () => {
  test('keeps what it owes', async () => {
    const url = await freshDatabase()
    const sql = new SQL(url, { max: 1 })
    await sql.unsafe(MIGRATION_TABLE)
    for (const step of steps) await sql.unsafe(step.postgres).simple()
    for (const row of [...ROWS, dkimKey("'\\x00'")]) await sql.unsafe(row)
    await sql.close()
    const store = await openPostgres(url, storeOptions())
    try {
      await assertUpgraded(store)
    } finally {
      await store.close()
    }
  })
})
