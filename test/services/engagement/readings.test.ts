//
// Readings against a real store, and against what a store in trouble answers: each opened and clicked event, once, in order.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MailEvent } from '../../../src/core/event.ts'
import { type DeliveryId, deliveryId } from '../../../src/core/ids.ts'
import { fault } from '../../../src/core/result.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { isKnownNetwork } from '../../../src/services/engagement/known-network.ts'
import type { Reading } from '../../../src/services/engagement/reading.ts'
import { MAX_WAITING, Readings, type ReadingsParts } from '../../../src/services/engagement/readings.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Acceptance, Store } from '../../../src/store/store.ts'
import { StoreUnavailable } from '../../../src/store/store-fault.ts'
import { quietLog } from '../../edge/smtpd/agent.ts'
import {
  acceptanceOf,
  delivered,
  firstDelivery,
  HOLDER,
  ids,
  NOW,
  storeOptions,
} from '../../store/contract/samples.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15'
/** `delivered` says NOW + 20. */
const LATER = NOW + 20 + 5 * MINUTE

let folder: string
let store: Store
let clock: HandClock
let counted: string[]
let lines: string[]
let rung: (readonly Pick<MailEvent, 'type'>[])[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-readings-'))
  store = await openStore(`sqlite:${join(folder, 'log.db')}`, storeOptions())
  clock = handClock(NOW)
  counted = []
  lines = []
  rung = []
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const readingsOn = (engagement: ReadingsParts['store'] = store.engagement): Readings =>
  new Readings({
    store: engagement,
    ring: (told) => void rung.push(...told.map(({ events }) => events)),
    isKnownNetwork,
    ids,
    clock,
    log: {
      ...quietLog,
      error: (what, fields) => void lines.push(`${what} ${fields?.['dropped'] ?? ''}`.trim()),
    },
    meter: {
      count: (name, by, labels) =>
        void counted.push(`${name} ${by ?? 1} ${labels?.['machine'] ?? ''}`.trim()),
      observe: () => undefined,
      gauge: () => undefined,
    },
  })

async function letter(recipients = 1): Promise<Acceptance> {
  const to = Array.from({ length: recipients }, (_, at) => `u${at}@one.example`)
  const acceptance = acceptanceOf({ leased: true, to })
  expect((await store.queue.accept(acceptance)).ok).toBe(true)
  return acceptance
}
async function deliveredLetter(): Promise<Acceptance> {
  const acceptance = await letter()
  await store.queue.settle([delivered(acceptance)], HOLDER)
  return acceptance
}

const asked = {
  method: 'GET',
  ip: '198.51.100.7',
  userAgent: SAFARI,
  saysPrefetch: false,
  at: LATER,
} as const
const open = (id: DeliveryId, more: Partial<Reading> = {}) =>
  ({ kind: 'open', deliveryId: id, ...asked, ...more }) as Reading
const click = (id: DeliveryId, link = 1, more: object = {}) =>
  ({
    kind: 'click',
    deliveryId: id,
    target: `https://shop.example/${link}`,
    link,
    links: 7,
    ...asked,
    ...more,
  }) as Reading

const told = async () =>
  (await store.log.read(LOG_START, 100_000))
    .map(({ event }) => event)
    .filter((event) => event.type === 'email.opened' || event.type === 'email.clicked')
const verdicts = async () => (await told()).map(({ machine, why }) => [machine, ...why])

describe('what becomes of a request', () => {
  test('a person who opens and clicks minutes later is two events, heard at once', async () => {
    const acceptance = await deliveredLetter()
    const id = firstDelivery(acceptance)
    const readings = readingsOn()
    readings.note(open(id))
    readings.note(click(id, 3, { at: LATER + SECOND }))
    await readings.stop()
    const head = {
      accountId: acceptance.message.accountId,
      messageId: acceptance.message.id,
      deliveryId: id,
      recipient: 'u0@one.example',
    }
    const facts = { ip: '198.51.100.7', userAgent: SAFARI, machine: false, why: [] }
    expect(await told()).toMatchObject([
      { ...head, type: 'email.opened', at: LATER, ...facts },
      { ...head, type: 'email.clicked', at: LATER + SECOND, url: 'https://shop.example/3', ...facts },
    ])
    expect(rung.flat().map(({ type }) => type)).toEqual(['email.opened', 'email.clicked'])
    expect(counted).toEqual(['opens_total 1 false', 'clicks_total 1 false'])
    expect(lines).toEqual([])
  })

  test('HEAD, a proxy, a scanner’s network and what comes too soon are told for what they are', async () => {
    const id = firstDelivery(await deliveredLetter())
    const waiting = firstDelivery(await letter())
    const readings = readingsOn()
    const proxy = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
    readings.note(open(id, { userAgent: proxy }))
    readings.note(click(id, 1, { method: 'HEAD' }))
    readings.note(open(id, { ip: '64.235.150.9' }))
    readings.note(click(id, 1, { at: NOW + 20 + 3 * SECOND }))
    readings.note(open(waiting))
    await readings.stop()
    expect(await verdicts()).toEqual([
      [null, 'mail_proxy'],
      [true, 'head'],
      [null, 'known_network'],
      [true, 'soon_after_delivery'],
      [true, 'soon_after_delivery'],
    ])
  })

  test('three links of a copy within ten seconds are a program’s; of another copy they say nothing', async () => {
    const id = firstDelivery(await deliveredLetter())
    const other = firstDelivery(await deliveredLetter())
    const readings = readingsOn()
    for (const [link, after] of [
      [1, 0],
      [2, 4],
      [2, 5],
      [3, 9],
      [4, 30],
    ] as const) {
      readings.note(click(id, link, { at: LATER + after * SECOND }))
      // One after the other, as they come.
      await until('it is told', async () => (await told()).some(({ at }) => at === LATER + after * SECOND))
    }
    readings.note(click(other, 5, { at: LATER + 31 * SECOND }))
    await readings.stop()
    expect(await verdicts()).toEqual([[false], [false], [false], [true, 'all_links'], [false], [false]])
  })

  test('those that come together are judged together', async () => {
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn()
    for (const link of [1, 2, 3]) readings.note(click(id, link))
    await readings.stop()
    expect(await verdicts()).toEqual([
      [true, 'all_links'],
      [true, 'all_links'],
      [true, 'all_links'],
    ])
  })

  test('the same open twice is two events', async () => {
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn()
    readings.note(open(id))
    readings.note(open(id))
    await readings.stop()
    expect((await told()).length).toBe(2)
  })

  test('of mail that retention has removed nothing can be told', async () => {
    const readings = readingsOn()
    readings.note(open('msg_000000000000.0' as DeliveryId))
    await readings.stop()
    expect(await told()).toEqual([])
    expect(counted).toEqual(['readings_of_removed_mail_total 1'])
  })

  test('five thousand of a thousand copies are five thousand events', async () => {
    const { message } = await letter(1000)
    const readings = readingsOn()
    for (let at = 0; at < 5000; at++) readings.note(click(deliveryId(message.id, at % 1000), at))
    await readings.stop()
    const events = await told()
    expect(events.map((event) => event.type === 'email.clicked' && event.url)).toEqual(
      Array.from({ length: 5000 }, (_, at) => `https://shop.example/${at}`),
    )
  })
})

describe('a store in trouble', () => {
  /** Answers as it is told to, then as the store does; `before` what it gets is written all the same. */
  function troubled(...troubles: ('copies' | 'append' | 'answer-lost')[]): ReadingsParts['store'] {
    return {
      async copies(wanted) {
        if (troubles[0] !== 'copies') return store.engagement.copies(wanted)
        troubles.shift()
        throw new StoreUnavailable('away')
      },
      async append(events, again) {
        const trouble = troubles.shift()
        if (trouble === undefined) return store.engagement.append(events, again)
        if (trouble === 'answer-lost') await store.engagement.append(events, again)
        return fault('unavailable')
      },
    }
  }

  test('is asked again every second, and each event is kept once', async () => {
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn(troubled('copies', 'copies', 'append', 'answer-lost'))
    readings.note(open(id))
    for (let second = 0; second < 4; second++) {
      await until('it waits', () => clock.waits > 0)
      // The last answer was lost on its way.
      expect((await told()).length).toBe(second === 3 ? 1 : 0)
      // What comes meanwhile comes afterwards.
      if (second === 1) readings.note(click(id))
      clock.advance(SECOND)
    }
    await until('both are told', async () => (await told()).length === 2)
    await readings.stop()
    expect((await told()).map(({ type }) => type)).toEqual(['email.opened', 'email.clicked'])
    expect(new Set(lines)).toEqual(
      new Set(['opens and clicks cannot be stored; it is tried again every second']),
    )
  })

  test('costs no more than it has room for; the rest is counted, and said once a minute', async () => {
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn({ ...store.engagement, append: async () => fault('full') })
    readings.note(open(id))
    await until('it waits', () => clock.waits > 0)
    for (let at = 0; at < MAX_WAITING + 3; at++) readings.note(open(id))
    const dropped = counted.filter((line) => line.startsWith('readings_dropped_total'))
    expect(dropped).toEqual(Array.from({ length: 3 }, () => 'readings_dropped_total 1'))
    const said = () => lines.filter((line) => line.startsWith('opens and clicks were not counted'))
    expect(said().length).toBe(1)
    clock.advance(MINUTE)
    readings.note(open(id))
    expect(said().length).toBe(2)
    expect(said()[1]).toEndWith(' 3')
    // The end does not wait for a store that does not come back, and says what is lost.
    await readings.stop()
    expect(said().at(-1)).toEndWith(` ${MAX_WAITING + 1}`)
  })

  test('one event that the store can never take is left out; the others are kept', async () => {
    const id = firstDelivery(await deliveredLetter())
    const readings = readingsOn({
      ...store.engagement,
      append: async (events, again) => {
        if (events.some((event) => event.ip === '::bad')) throw new Error('cannot be written')
        return store.engagement.append(events, again)
      },
    })
    readings.note(open(id))
    readings.note(open(id, { ip: '::bad' }))
    readings.note(click(id))
    await readings.stop()
    expect((await told()).map(({ type }) => type)).toEqual(['email.opened', 'email.clicked'])
    expect(counted).toContain('readings_dropped_total 1')
  })

  test('a question that the store breaks on costs those who asked it, and nobody after them', async () => {
    const id = firstDelivery(await deliveredLetter())
    const bad = 'msg_000000000000.9' as DeliveryId
    const readings = readingsOn({
      ...store.engagement,
      copies: async (wanted) => {
        if (wanted.includes(bad)) throw new Error('a damaged row')
        return store.engagement.copies(wanted)
      },
    })
    readings.note(open(bad))
    await until('it is refused', () => lines.length > 0)
    readings.note(open(id))
    await readings.stop()
    expect((await told()).length).toBe(1)
    expect(counted).toContain('readings_dropped_total 1')
    expect(lines[0]).toBe('opens or clicks were refused by the store')
  })
})
