//
// Owns: what becomes of acknowledged mail, and of us, when PostgreSQL dies under load or its connections are cut (F19).

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { SQL } from 'bun'
import { openPostgres } from '../../src/store/postgres/open.ts'
import type { Acceptance, Store } from '../../src/store/store.ts'
import { administer, PostgresCluster, postgresSuite } from '../support/postgres-cluster.ts'
import { acceptanceOf, delivered, HOLDER, NOW, storeOptions } from './contract/samples.ts'

setDefaultTimeout(60_000)

const suite = postgresSuite('postgres, restarted')
describe.skipIf(suite.skip)(suite.name, () => {
  // Its own cluster: others of this run shall not notice.
  let cluster: PostgresCluster
  let store: Store
  beforeAll(async () => {
    cluster = await PostgresCluster.start()
    store = await openPostgres(cluster.url, storeOptions())
  }, 60_000)
  afterAll(async () => {
    await store?.close()
    await cluster?.stop()
  })

  const acknowledged: Acceptance[] = []
  const settled: Acceptance[] = []
  let faults = 0

  /** Accepts and settles until `stop` says so; notes only what was acknowledged. */
  async function client(stop: () => boolean): Promise<void> {
    while (!stop()) {
      const acceptance = acceptanceOf({ leased: true })
      const accepted = await store.queue.accept(acceptance)
      if (!accepted.ok) {
        expect(accepted.error).toBe('unavailable')
        faults += 1
        await Bun.sleep(20)
        continue
      }
      acknowledged.push(acceptance)
      const done = await store.queue.settle([delivered(acceptance)], HOLDER)
      if (done.ok && done.value.settled === 1) settled.push(acceptance)
    }
  }

  async function whileWriting(trouble: () => Promise<void>): Promise<void> {
    let stopping = false
    const clients = Array.from({ length: 8 }, () => client(() => stopping))
    try {
      await moreThan(100)
      await trouble()
      await moreThan(100)
    } finally {
      stopping = true
    }
    await Promise.all(clients)
  }

  /** Waits until so many more were acknowledged. */
  async function moreThan(count: number): Promise<void> {
    const wanted = acknowledged.length + count
    const end = performance.now() + 20_000
    while (acknowledged.length < wanted) {
      if (performance.now() > end) throw new Error('the store did not recover')
      await Bun.sleep(2)
    }
  }

  async function expectAllThere(): Promise<void> {
    const sql = new SQL(cluster.url)
    const kept = await sql.unsafe<{ id: string; state: string }[]>('SELECT id, state FROM deliveries')
    await sql.close()
    const states = new Map(kept.map((row) => [row.id, row.state]))
    expect(acknowledged.filter((one) => !states.has(`${one.message.id}.0`))).toEqual([])
    expect(settled.filter((one) => states.get(`${one.message.id}.0`) !== 'delivered')).toEqual([])
  }

  test('killed under load, twice: nothing that was acknowledged is lost, and we recover by ourselves', async () => {
    for (let round = 0; round < 2; round++) {
      await whileWriting(async () => {
        await cluster.crash()
        await cluster.boot()
      })
    }
    expect(faults).toBeGreaterThan(0)
    await expectAllThere()
  })

  test('connections that are cut: nothing is lost, and what nobody heard of is not held for ever', async () => {
    await whileWriting(async () => {
      for (let round = 0; round < 5; round++) {
        await administer(
          cluster.url,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'mailwok%'",
        )
        await moreThan(20)
      }
    })
    await expectAllThere()
    // A commit without an answer leaves leases that nobody remembers. What is still leased is known to us: it was
    // acknowledged, and its settlement failed.
    await store.queue.accept(acceptanceOf())
    const sql = new SQL(cluster.url)
    const leased = await sql.unsafe<{ delivery_id: string }[]>('SELECT delivery_id FROM leased')
    await sql.close()
    const known = new Set(acknowledged.map((one) => `${one.message.id}.0`))
    expect(leased.filter((row) => !known.has(row.delivery_id))).toEqual([])
  })

  test('while it is down reads say so, and work again afterwards', async () => {
    const [one] = acknowledged
    if (!one) throw new Error('nothing was accepted')
    await cluster.crash()
    const look = () => store.messages.get(one.message.id, null)
    expect(await look().catch((error: Error) => error.name)).toBe('StoreUnavailable')
    expect(await store.upkeep.probe()).toEqual({ ok: false, error: 'unavailable' })
    expect(await store.queue.settle([delivered(one)], HOLDER)).toEqual({ ok: false, error: 'unavailable' })
    await cluster.boot()
    expect((await look())?.id).toBe(one.message.id)
    expect(await store.upkeep.probe()).toEqual({ ok: true, value: undefined })
    expect(await store.queue.heartbeat(HOLDER, NOW, NOW + 1)).toMatchObject({ freed: 0 })
  })

  test('a server that would lose commits is refused at start', async () => {
    const admin = new URL(cluster.url)
    await administer(admin.href, 'CREATE DATABASE lax')
    await administer(admin.href, 'ALTER SYSTEM SET full_page_writes = off')
    await administer(admin.href, 'SELECT pg_reload_conf()')
    admin.pathname = '/lax'
    const opened = openPostgres(admin.href, storeOptions()).then(
      async (lax) => {
        await lax.close()
        return 'opened'
      },
      (error: Error) => error.message,
    )
    expect(await opened).toContain('full_page_writes=off')
  })
})
