//
// Owns: what only an engine for several nodes must prove.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'
import type { DeliveryId } from '../../src/core/ids.ts'
import { LOG_START, type LogCursor } from '../../src/store/log-store.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import { SNAPSHOT_NAME } from '../../src/store/postgres/snapshot.ts'
import type { Acceptance, Holder, Store } from '../../src/store/store.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import {
  acceptanceOf,
  deferred,
  delivered,
  domainNamed,
  firstDelivery,
  HOLDER,
  lineTo,
  NOW,
  storeOptions,
} from './contract/samples.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(60_000)

const OTHER: Holder = { node: 'n2', boot: 'b9' }
const ONE = domainNamed('one.example')

const opened: Store[] = []
async function openOn(url: string): Promise<Store> {
  const store = await openPostgres(url, storeOptions())
  opened.push(store)
  return store
}
afterAll(() => Promise.all(opened.map((store) => store.close())))

const suite = postgresSuite('postgres, several nodes')
describe.skipIf(suite.skip)(suite.name, () => {
  test('two nodes that claim at once never share a delivery, and leave none', async () => {
    const url = await freshDatabase()
    const [left, right] = [await openOn(url), await openOn(url)]
    const accepted = Array.from({ length: 400 }, (_, i) => acceptanceOf({ to: [`u${i}@d${i % 7}.example`] }))
    await acceptAll(left, accepted)
    const claimAll = async (store: Store, holder: Holder): Promise<DeliveryId[]> => {
      const mine: DeliveryId[] = []
      for (;;) {
        const due = await dueOf(store)
        if (due.length === 0) return mine
        const asks = due.map(({ id }) => ({ line: id, limit: 3 }))
        mine.push(...(await store.queue.claim(asks, NOW, holder)).map(({ id }) => id))
      }
    }
    const [mine, theirs] = await Promise.all([claimAll(left, HOLDER), claimAll(right, OTHER)])
    expect(new Set([...mine, ...theirs]).size).toBe(400)
    expect(mine.length + theirs.length).toBe(400)
    expect(await left.queue.overview(10)).toEqual({
      destinations: [],
      waiting: 0,
      leased: 400,
      held: 0,
      heldFor: [],
    })
  })

  test('counts and least due times stay true while two nodes accept, claim and defer', async () => {
    const url = await freshDatabase()
    const stores = [await openOn(url), await openOn(url)]
    const holders = [HOLDER, OTHER]
    await Promise.all(
      stores.map(async (store, n) => {
        const holder = holders[n] ?? HOLDER
        for (let round = 0; round < 12; round++) {
          const some = Array.from({ length: 20 }, (_, i) =>
            acceptanceOf({ to: [`u@d${i % 5}.example`], dueAt: NOW + i, leased: i % 4 === 0, holder }),
          )
          const ours = some.filter((_, i) => i % 4 === 0).map((one) => deferred(one, NOW - round))
          await acceptAll(store, some)
          const asks = [0, 1, 2, 3, 4].map((d) => ({ line: lineTo(`d${d}.example`), limit: 2 }))
          await Promise.all([store.queue.claim(asks, NOW + 9, holder), store.queue.settle(ours, holder)])
        }
      }),
    )
    const sql = new SQL(url)
    const kept = await sql.unsafe('SELECT id AS line, waiting, next_due FROM lines ORDER BY id')
    const real = await sql.unsafe(
      'SELECT line, count(*) AS waiting, min(due_at) AS next_due FROM waiting GROUP BY line ORDER BY line',
    )
    await sql.close()
    expect([...kept]).toEqual([...real])
  })

  test('a stale holder settles nothing: its attempt and events are dropped with it', async () => {
    const url = await freshDatabase()
    const [stale, other] = [await openOn(url), await openOn(url)]
    const acceptance = acceptanceOf({ leased: true })
    expect(await stale.queue.accept(acceptance)).toEqual({ ok: true, value: undefined })
    const sql = new SQL(url)
    // The server's clock decides, whatever the nodes think of the time.
    expect(await other.queue.heartbeat(OTHER, NOW + 600_000, NOW + 690_000)).toMatchObject({ freed: 0 })
    await sql.unsafe('UPDATE boots SET alive_until = alive_until - 120000 WHERE node = $1', [HOLDER.node])
    await sql.close()
    expect(await other.queue.heartbeat(OTHER, NOW - 600_000, NOW - 590_000)).toMatchObject({ freed: 1 })
    expect(await stale.queue.settle([delivered(acceptance)], HOLDER)).toEqual({
      ok: true,
      value: { settled: 0, stale: 1 },
    })
    expect(await other.messages.events(acceptance.message.id)).toEqual([...acceptance.events])
    expect(await other.messages.attempts(acceptance.message.id)).toEqual([])
    expect(await other.queue.claim([{ line: lineTo(ONE), limit: 5 }], NOW + 20, OTHER)).toMatchObject([
      { id: firstDelivery(acceptance) },
    ])
  })

  test('one member that the server refuses does not take its group along', async () => {
    const store = await openOn(await freshDatabase())
    const good = Array.from({ length: 5 }, () => acceptanceOf())
    const bad = acceptanceOf({ message: { subject: 'no\u0000text' } })
    const twice = acceptanceOf()
    const ends = await Promise.allSettled([...good, bad, twice, twice].map((one) => store.queue.accept(one)))
    expect(ends.map((end) => end.status)).toEqual([
      ...good.map(() => 'fulfilled' as const),
      'rejected',
      'fulfilled',
      'rejected',
    ])
    expect(await store.messages.get(bad.message.id, null)).toBeNull()
    expect(await store.messages.contents([bad.message.contentId])).toEqual(new Map())
  })

  test('nothing of a refused group is written behind its back', async () => {
    const url = await freshDatabase()
    const store = await openOn(url)
    // The key's statement is answered first, and its member goes on while the settlement is refused.
    const keyed = acceptanceOf({ idempotency: { key: 'k', bodyHash: 'h' } })
    const leased = acceptanceOf({ leased: true })
    await store.queue.accept(leased)
    const bad = delivered(leased)
    const ends = await Promise.allSettled([
      store.queue.settle(
        [{ ...bad, attempt: bad.attempt && { ...bad.attempt, diagnostic: '\u0000' } }],
        HOLDER,
      ),
      store.queue.accept(keyed),
    ])
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'fulfilled'])
    expect(await store.messages.events(keyed.message.id)).toEqual([...keyed.events])
    expect(await store.queue.overview(9)).toMatchObject({ waiting: 1, leased: 1 })
  })

  test('one key used twice in one group and by two nodes at once is accepted once', async () => {
    const url = await freshDatabase()
    const stores = [await openOn(url), await openOn(url)]
    const all = Array.from({ length: 24 }, (_, i) =>
      acceptanceOf({ idempotency: { key: `k${i % 3}`, bodyHash: 'h' } }),
    )
    const ends = await Promise.all(all.map((one, i) => (stores[i % 2] ?? stores[0])?.queue.accept(one)))
    expect(ends.filter((end) => end?.ok).length).toBe(3)
    expect(ends.filter((end) => end && !end.ok && end.error === 'idempotency-conflict').length).toBe(21)
    const sql = new SQL(url)
    expect(Number((await sql.unsafe('SELECT count(*) AS n FROM messages'))[0]?.n)).toBe(3)
    await sql.close()
  })

  test('a full inbox is busy, and empties', async () => {
    const store = await openPostgres(await freshDatabase(), { ...storeOptions(), inboxBytes: 20_000 })
    opened.push(store)
    const many = Array.from({ length: 60 }, () => acceptanceOf())
    const ends = await Promise.all(many.map((one) => store.queue.accept(one)))
    expect(ends.some((end) => !end.ok && end.error === 'busy')).toBe(true)
    expect(ends.some((end) => end.ok)).toBe(true)
    expect(await store.queue.accept(acceptanceOf())).toEqual({ ok: true, value: undefined })
  })

  test('a crowd of due destinations of one provider hides no other provider', async () => {
    const url = await freshDatabase()
    const store = await openOn(url)
    const sql = new SQL(url)
    await sql.unsafe(`INSERT INTO lines (id, destination, rank, account_id, campaign, provider, next_due, waiting)
      SELECT i, 'd' || i || '.example', 0, 'a', '', CASE WHEN i <= 3000 THEN 'big' ELSE 'p' || i END, i, 1
        FROM generate_series(1, 3700) i`)
    await sql.close()
    const due = await dueOf(store, 50, ['big'])
    expect(due.length).toBe(50)
    expect(due.every(({ provider }) => provider !== 'big')).toBe(true)
    const mixed = await dueOf(store, 50)
    expect(new Set(mixed.map(({ provider }) => provider)).size).toBe(50)
  })

  test('a database restored into a younger cluster tells its followers everything once', async () => {
    const url = await freshDatabase()
    const first = await openOn(url)
    const old = [acceptanceOf(), acceptanceOf(), acceptanceOf()]
    for (const one of old) await first.queue.accept(one)
    const [read] = await first.log.read(LOG_START, 1)
    if (!read) throw new Error('nothing was told')
    // As a dump of a cluster that had counted further leaves them.
    const sql = new SQL(url)
    await sql.unsafe(`UPDATE events SET xid = (xid::text::bigint + 1000000)::text::xid8`)
    const [where] = await sql.unsafe<{ xid: string; seq: string }[]>(
      'SELECT xid::text AS xid, seq::text AS seq FROM events ORDER BY seq LIMIT 1',
    )
    const cursor = `${where?.xid}.${where?.seq}` as LogCursor
    await first.log.saveCursor('stats', cursor)
    await sql.close()
    expect(await first.log.read(cursor, 9)).toEqual([])
    const restored = await openOn(url)
    await restored.queue.accept(acceptanceOf())
    const at = await restored.log.cursor('stats')
    const told = (await restored.log.read(at, 9)).map(({ event }) => event.messageId)
    expect(told.slice(0, 2)).toEqual(old.slice(1).map(({ message }) => message.id))
    expect(told).toHaveLength(3)
  })

  test('a snapshot holds what was accepted, and pg_restore reads it', async () => {
    const store = await openOn(await freshDatabase())
    const acceptance = acceptanceOf()
    await store.queue.accept(acceptance)
    const folder = mkdtempSync(join(tmpdir(), 'mailwok-snapshot-'))
    try {
      await store.upkeep.snapshot(folder)
      const listed = Bun.spawnSync([
        'pg_restore',
        '--data-only',
        '--table=messages',
        '-f',
        '-',
        join(folder, SNAPSHOT_NAME),
      ])
      expect(listed.stdout.toString()).toContain(acceptance.message.id)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

const dueOf = (store: Store, limit = 10, busy: readonly string[] = []) =>
  store.queue.dueLines({ now: NOW, limit, busy: new Set(busy), busyMarketing: new Set() })

async function acceptAll(store: Store, all: readonly Acceptance[]): Promise<void> {
  for (const end of await Promise.all(all.map((one) => store.queue.accept(one)))) expect(end.ok).toBe(true)
}
