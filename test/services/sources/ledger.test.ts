//
// The ledger over a real store, with a clock moved by hand.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { type Standing, WarmupLedger } from '../../../src/services/sources/ledger.ts'
import { OutgoingSource } from '../../../src/services/sources/outgoing.ts'
import { FIRST_BUDGET } from '../../../src/services/sources/warmup.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { storeOptions } from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

const NOON = Date.UTC(2026, 0, 2, 12)
const PROVIDER = 'provider.example'
const source = (address = '', of: { warm?: boolean; maxPerDay?: number } = {}): OutgoingSource =>
  new OutgoingSource(
    { address, hostname: '', pool: 'default', warm: false, maxPerDay: 0, ...of },
    'client.test',
  )

let folder: string
let store: Store
let clock: HandClock
let open: WarmupLedger[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-ledger-'))
  store = await openStore(`sqlite:${join(folder, 'ledger.db')}`, storeOptions())
  clock = handClock(NOON)
  open = []
})
afterEach(async () => {
  for (const ledger of open) await ledger.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function ledgerOf(
  sources: readonly OutgoingSource[],
  warmsUp = true,
  ownName = 'node:0',
): Promise<WarmupLedger> {
  const { log, meter } = storeOptions()
  const ledger = new WarmupLedger({ store: store.warmups, clock, log, meter, sources, warmsUp, ownName })
  await ledger.start()
  open.push(ledger)
  return ledger
}

function send(ledger: WarmupLedger, standing: Standing, mails: number): void {
  for (let i = 0; i < mails; i++) ledger.answered(standing, 'sent')
}

test('what was used today survives a restart, and so does what was earned', async () => {
  const one = source('192.0.2.1')
  const first = await ledgerOf([one])
  send(first, first.at(one, PROVIDER), 40)
  await first.stop()
  const second = await ledgerOf([one])
  expect(second.room(second.at(one, PROVIDER), false)).toBe(10)
  clock.advance(DAY)
  expect(second.room(second.at(one, PROVIDER), false)).toBe(75)
  await second.stop()
  clock.advance(DAY)
  const third = await ledgerOf([one])
  expect(third.at(one, PROVIDER).warmth).toMatchObject({ budget: 75, sent: 0 })
})

test('a process that is killed forgets a few seconds, not the day', async () => {
  const one = source()
  const ledger = await ledgerOf([one])
  send(ledger, ledger.at(one, PROVIDER), 30)
  clock.advance(5 * SECOND)
  await until('it is saved', async () => (await store.warmups.all()).length > 0)
  expect(await store.warmups.all()).toEqual([
    {
      source: 'node:0',
      provider: PROVIDER,
      day: Math.floor(NOON / DAY),
      budget: FIRST_BUDGET,
      sent: 30,
      deferred: 0,
      hardBounced: 0,
      complained: 0,
      blocked: 0,
      warmAt: null,
    },
  ])
})

test.each([
  ['forward', DAY],
  ['back', -DAY],
])('a clock that is set %s by a day neither doubles the budget nor resets what was earned', async (_, by) => {
  const one = source()
  const ledger = await ledgerOf([one])
  send(ledger, ledger.at(one, PROVIDER), 50)
  clock.jump(by)
  expect(ledger.room(ledger.at(one, PROVIDER), false)).toBe(0)
  clock.advance(12 * HOUR)
  expect(ledger.room(ledger.at(one, PROVIDER), false)).toBe(75)
  clock.jump(-by)
  expect(ledger.room(ledger.at(one, PROVIDER), false)).toBe(75)
})

test('a block counts at once, complaints and late bounces when they are heard of', async () => {
  const one = source()
  const ledger = await ledgerOf([one])
  const standing = ledger.at(one, PROVIDER)
  send(ledger, standing, 20)
  ledger.answered(standing, 'blocked')
  expect(ledger.room(standing, false)).toBe(5)
  // Evidence names the address that the system chose; the ledger knows it as the system's choice.
  ledger.complained(PROVIDER, '198.51.100.1')
  ledger.bounced(PROVIDER, null)
  expect(standing.warmth).toMatchObject({ sent: 20, complained: 1, hardBounced: 1, blocked: 1 })
  ledger.complained('never.example', null)
  expect(ledger.of(one)).toHaveLength(1)
})

test('a provider is exhausted when no address has room, until the day ends', async () => {
  const [one, two] = [source('192.0.2.1'), source('192.0.2.2')]
  const ledger = await ledgerOf([one, two])
  send(ledger, ledger.at(one, PROVIDER), 50)
  ledger.ranShort(PROVIDER)
  expect([...ledger.exhausted()]).toEqual([])
  send(ledger, ledger.at(two, PROVIDER), 50)
  ledger.ranShort(PROVIDER)
  expect([...ledger.exhausted()]).toEqual([PROVIDER])
  clock.advance(ledger.untilTomorrow())
  expect([...ledger.exhausted()]).toEqual([])
  expect(ledger.isExhausted(PROVIDER)).toBe(false)
})

test('a place that is given back makes room again', async () => {
  const one = source()
  const ledger = await ledgerOf([one])
  const standing = ledger.at(one, PROVIDER)
  standing.underWay = 50
  ledger.ranShort(PROVIDER)
  expect([...ledger.exhausted()]).toEqual([PROVIDER])
  standing.underWay = 49
  expect([...ledger.exhausted()]).toEqual([])
})

test.each([
  ['warm by the operator’s word', source('192.0.2.1', { warm: true }), true, false],
  ['warm-up is off', source('192.0.2.1'), false, false],
  ['told how many, though warm', source('192.0.2.1', { warm: true, maxPerDay: 9 }), true, true],
])('%s', async (_, one, warmsUp, binds) => {
  const ledger = await ledgerOf([one], warmsUp)
  expect(ledger.binds(one, false)).toBe(binds)
  expect(ledger.room(ledger.at(one, PROVIDER), false)).toBe(binds ? 9 : Number.POSITIVE_INFINITY)
})

test('providers with next to no mail leave memory and store when their day is over', async () => {
  const one = source()
  const ledger = await ledgerOf([one])
  for (let i = 0; i < 100; i++) send(ledger, ledger.at(one, `${i}.example`), 2)
  clock.advance(ledger.untilTomorrow() + MINUTE)
  send(ledger, ledger.at(one, PROVIDER), 2)
  expect(ledger.of(one).map(({ provider }) => provider)).toEqual([PROVIDER])
  await ledger.stop()
  clock.advance(9 * DAY)
  await ledgerOf([one])
  expect(await store.warmups.all()).toEqual([])
})

test('nodes that share a store and leave the address to the system have a budget each', async () => {
  const systems = source()
  const one = await ledgerOf([systems], true, 'node:1')
  send(one, one.at(systems, PROVIDER), 40)
  await one.stop()
  const two = await ledgerOf([systems], true, '192.0.2.7')
  expect(two.at(systems, PROVIDER).warmth.sent).toBe(0)
  send(two, two.at(systems, PROVIDER), 7)
  await two.stop()
  const again = await ledgerOf([systems], true, 'node:1')
  expect(again.at(systems, PROVIDER).warmth.sent).toBe(40)
  expect((await store.warmups.all()).map((row) => [row.source, row.sent]).sort()).toEqual([
    ['192.0.2.7', 7],
    ['node:1', 40],
  ])
})
