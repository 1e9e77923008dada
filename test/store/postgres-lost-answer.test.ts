//
// Owns: a commit whose answer never came: it is not acknowledged, and what it wrote is not held for ever.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { SQL } from 'bun'
import { MINUTE } from '../../src/core/time.ts'
import { openPostgres } from '../../src/store/postgres/open.ts'
import type { Store } from '../../src/store/store.ts'
import { type HandClock, handClock } from '../support/clock.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { type PostgresWire, wireTo } from '../support/postgres-wire.ts'
import { until } from '../support/until.ts'
import {
  acceptanceOf,
  delivered,
  firstDelivery,
  HOLDER,
  lineTo,
  NOW,
  storeOptions,
} from './contract/samples.ts'

setDefaultTimeout(60_000)

const DONE = { ok: true, value: undefined } as const
const AWAY = { ok: false, error: 'unavailable' } as const
const ASK = [{ line: lineTo('one.example'), limit: 9 }]

const suite = postgresSuite('postgres, answers lost')
describe.skipIf(suite.skip)(suite.name, () => {
  let url = ''
  let wire: PostgresWire
  let clock: HandClock
  let store: Store
  beforeAll(async () => {
    url = await freshDatabase()
    wire = await wireTo(url)
    clock = handClock(NOW)
    store = await openPostgres(wire.url, { ...storeOptions(), clock })
    expect(await store.queue.accept(acceptanceOf({ leased: true }))).toEqual(DONE)
  })
  afterAll(async () => {
    await store?.close()
    await wire?.close()
  })

  const rows = async (statement: string): Promise<readonly string[]> => {
    const sql = new SQL(url, { max: 1 })
    const found = await sql.unsafe<{ id: string }[]>(statement)
    await sql.close()
    return found.map((row) => row.id)
  }

  test('of an acceptance: its lease is given back, so that it is sent at all', async () => {
    const doubtful = acceptanceOf({ leased: true })
    wire.loseNextAnswer()
    expect(await store.queue.accept(doubtful)).toEqual(AWAY)
    expect(await rows('SELECT delivery_id AS id FROM leased')).toContain(firstDelivery(doubtful))
    expect(await store.queue.accept(acceptanceOf({ leased: true }))).toEqual(DONE)
    expect(await rows('SELECT delivery_id AS id FROM waiting')).toEqual([firstDelivery(doubtful)])
  })

  test('of a claim: what was claimed can be claimed again', async () => {
    wire.loseNextAnswer()
    expect(await store.queue.claim(ASK, NOW, HOLDER).catch((error: Error) => error.name)).toBe(
      'StoreUnavailable',
    )
    expect(await rows('SELECT delivery_id AS id FROM waiting')).toEqual([])
    expect((await store.queue.claim(ASK, NOW, HOLDER)).length).toBe(1)
  })

  test('of a settlement: told again it is stale, and written once', async () => {
    const acceptance = acceptanceOf({ leased: true })
    expect(await store.queue.accept(acceptance)).toEqual(DONE)
    wire.loseNextAnswer()
    expect(await store.queue.settle([delivered(acceptance)], HOLDER)).toEqual(AWAY)
    expect(await store.queue.settle([delivered(acceptance)], HOLDER)).toEqual({
      ok: true,
      value: { settled: 0, stale: 1 },
    })
    expect((await store.messages.attempts(acceptance.message.id)).length).toBe(1)
  })

  test('a server that falls silent is given up, and used again when it speaks', async () => {
    wire.fallSilent()
    const waits = clock.waits
    const accepting = store.queue.accept(acceptanceOf({ leased: true }))
    const reading = store.queue.nextDueAt().catch((error: Error) => error.name)
    await until('both wait', () => clock.waits >= waits + 2)
    clock.advance(MINUTE)
    expect(await accepting).toEqual(AWAY)
    expect(await reading).toBe('StoreUnavailable')
    wire.heal()
    expect(await store.queue.accept(acceptanceOf({ leased: true }))).toEqual(DONE)
    expect(await store.queue.nextDueAt()).toBeNull()
  })
})
