import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccountId } from '../../../src/core/ids.ts'
import { SECOND } from '../../../src/core/time.ts'
import { Bell, ringing } from '../../../src/services/following/bell.ts'
import { EventStreams } from '../../../src/services/webhooks/streams.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { acceptanceOf, ids, NOW, storeOptions } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

const ACCOUNTS = Array.from({ length: 30 }, (_, at) => `acc_${String(at).padStart(12, '0')}` as AccountId)
const [FIRST = '' as AccountId] = ACCOUNTS

let folder: string
let clock: HandClock
let store: Store
let queue: Pick<Store['queue'], 'accept'>
let streams: EventStreams
let pages = 0

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-streams-'))
  clock = handClock(NOW)
  store = await openStore(`sqlite:${join(folder, 'a.db')}`, storeOptions())
  for (const id of ACCOUNTS) {
    await store.directory.addAccount({ id, name: id, plan: 'unlimited', createdAt: 0 })
  }
  const bell = new Bell(clock)
  queue = ringing(store.queue, bell)
  pages = 0
  const { events } = store
  const page: typeof events.page = (ask) => {
    pages++
    return events.page(ask)
  }
  streams = new EventStreams({ events: { ...events, page }, clock, listen: (ear) => bell.onRing(ear) })
})
afterEach(async () => {
  streams.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function happen(accountId: AccountId): Promise<string> {
  const { events, ...acceptance } = acceptanceOf({ message: { id: ids.message(), accountId } })
  const told = events.map((event) => ({ ...event, accountId, id: ids.event() }))
  expect((await queue.accept({ ...acceptance, events: told })).ok).toBe(true)
  return told[0]?.id ?? ''
}

const opened = async (account: AccountId) => {
  const open = await streams.open({ account, after: null, types: [] })
  return open.ok ? open.value.getReader() : null
}
type Reader = NonNullable<Awaited<ReturnType<typeof opened>>>

const begun = async (account: AccountId): Promise<Reader> => {
  const reader = await opened(account)
  if (reader === null) throw new Error('too many')
  expect((await reader.read()).value).toBe('retry: 2000\n\n')
  return reader
}
const idIn = (text: string | undefined): string | undefined => /"id":"(evt_\w+)"/.exec(text ?? '')?.[1]

/** What is read while the clock goes on. */
async function within<T>(reading: Promise<T>): Promise<T> {
  let isOver = false
  void reading.finally(() => {
    isOver = true
  })
  await until('something comes', () => {
    clock.advance(SECOND / 4)
    return isOver
  })
  return reading
}

test('two hundred at once hear what is theirs, soon, and nothing else', async () => {
  const accounts = ACCOUNTS.slice(0, 10)
  const readers = await Promise.all(
    accounts.map((account) => Promise.all(Array.from({ length: 20 }, () => begun(account)))),
  )
  const reading = readers.map((of) => Promise.all(of.map((reader) => reader.read())))
  const told: string[] = []
  for (const account of accounts) told.push(await happen(account))
  const before = clock.monotonic()
  const heard = await within(Promise.all(reading))
  expect(clock.monotonic() - before).toBeLessThanOrEqual(SECOND)
  expect(heard.map((of) => [...new Set(of.map(({ value }) => idIn(value)))])).toEqual(told.map((id) => [id]))
})

test('who does not read costs nothing, and finds all of it later', async () => {
  const reader = await begun(FIRST)
  const told: string[] = []
  for (let count = 0; count < 250; count++) told.push(await happen(FIRST))
  const before = pages
  clock.advance(60 * SECOND)
  await new Promise((turn) => setTimeout(turn, 20))
  expect(pages).toBe(before)
  const heard: string[] = []
  while (heard.length < told.length) {
    const { value = '' } = await within(reader.read())
    const ids = [...value.matchAll(/"id":"(evt_\w+)"/g)].map(([, id]) => id ?? '')
    expect(ids.length).toBeLessThanOrEqual(100)
    heard.push(...ids)
  }
  expect(heard).toEqual(told)
})

test('five hundred of a node and no more; who goes makes room', async () => {
  const all: Reader[] = []
  for (const account of ACCOUNTS.slice(0, 25)) {
    for (let count = 0; count < 20; count++) all.push(await begun(account))
  }
  const late = ACCOUNTS[29] ?? FIRST
  expect(await opened(late)).toBeNull()
  await all[0]?.cancel()
  await begun(late)
  expect(await opened(late)).toBeNull()
})

test('silence is broken every quarter of a minute, and a stop ends all', async () => {
  const reader = await begun(FIRST)
  const before = clock.monotonic()
  expect((await within(reader.read())).value).toBe(': ping\n\n')
  expect(clock.monotonic() - before).toBeWithin(15 * SECOND, 17 * SECOND)
  const last = reader.read()
  streams.stop()
  expect(await last).toEqual({ done: true, value: undefined })
  expect(await opened(FIRST)).toBeNull()
})
