//
// GET /v1/stats over a store whose roll-ups a follower has kept. The application knows the route from here alone: it is
// not registered before the follower runs.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MailEvent } from '../../../../src/core/event.ts'
import { type AccountId, idsFor } from '../../../../src/core/ids.ts'
import { DAY, HOUR, MINUTE } from '../../../../src/core/time.ts'
import type { Caller } from '../../../../src/edge/api/parts.ts'
import { statsRoutes } from '../../../../src/edge/api/routes/stats.ts'
import { Counting } from '../../../../src/services/stats/counting.ts'
import { Stats } from '../../../../src/services/stats/stats.ts'
import { LOG_START } from '../../../../src/store/log-store.ts'
import { openStore } from '../../../../src/store/open.ts'
import type { Store } from '../../../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  firstDelivery,
  ids,
  NOW,
  storeOptions,
} from '../../../store/contract/samples.ts'
import { handClock } from '../../../support/clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-stats-route-'))
type Answer = Readonly<Record<string, unknown>>

let store: Store
let asks: (query: string, account?: AccountId) => Promise<{ status: number; body: Answer }>

beforeAll(async () => {
  store = await openStore(`sqlite:${join(folder, 'a.db')}`, storeOptions())
  for (const machine of [false, true, true, null]) {
    const acceptance = acceptanceOf({ message: { tags: ['welcome'], createdAt: NOW } })
    const head = {
      accountId: ACCOUNT,
      messageId: acceptance.message.id,
      deliveryId: firstDelivery(acceptance),
      recipient: acceptance.deliveries[0]?.recipient ?? ('' as never),
      at: NOW + HOUR,
    }
    const opened: MailEvent = {
      ...head,
      id: ids.event(),
      type: 'email.opened',
      ip: null,
      userAgent: null,
      machine,
      why: [],
    }
    await store.queue.accept({ ...acceptance, events: [...acceptance.events, opened] })
  }
  const counting = new Counting({ store: store.stats, providerOf: (mx) => mx, mayReport: () => false })
  expect((await counting.step(LOG_START)).ok).toBe(true)
  let caller = ACCOUNT
  const parts = {
    stats: new Stats({ store: store.stats, log: store.log, clock: handClock(NOW) }),
    sending: store.sending,
    clock: handClock(NOW + 2 * HOUR),
    ids: idsFor('a', () => NOW),
  }
  const app = statsRoutes(parts, () => ({ key: { accountId: caller } }) as Caller)
  asks = async (query, account = ACCOUNT) => {
    caller = account
    const answer = await app.handle(new Request(`http://mail.example.net/v1/stats${query}`))
    return { status: answer.status, body: (await answer.json()) as Answer }
  }
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const day = (at: number): string => new Date(at - (at % DAY)).toISOString()

test('thirty days, people before machines', async () => {
  const { status, body } = await asks('')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    success: true,
    by: 'day',
    dimension: 'all',
    name: null,
    to: day(NOW + 2 * HOUR + DAY),
    totals: { sent: 4, delivered: 0, opened: { human: 1, unknown: 1, machine: 2 } },
  })
  expect(body['series']).toHaveLength(30)
  expect(JSON.stringify(body)).toContain('"opened":{"human":1,"unknown":1,"machine":2}')
})

test('hours of one tag', async () => {
  const from = new Date(NOW).toISOString().slice(0, 16)
  const to = new Date(NOW + HOUR + MINUTE).toISOString().slice(0, 16)
  const { body } = await asks(`?dimension=tag&name=welcome&by=hour&from=${from}Z&to=${to}Z`)
  expect(body).toMatchObject({
    name: 'welcome',
    series: [
      { sent: 4, opened: { human: 0 } },
      { sent: 0, opened: { human: 1 } },
    ],
  })
})

test('the names of a dimension', async () => {
  const { body } = await asks('?dimension=tag')
  expect(body).toMatchObject({ dimension: 'tag', has_more: false, names: [{ name: 'welcome', sent: 4 }] })
  expect(body).not.toHaveProperty('series')
})

test("nobody sees another account's figures", async () => {
  const other = 'acc_000000000009' as AccountId
  expect((await asks('', other)).body).toMatchObject({ totals: { sent: 0, opened: { machine: 0 } } })
  expect((await asks('?dimension=tag', other)).body).toMatchObject({ names: [] })
  expect((await asks('?dimension=tag&name=welcome', other)).body).toMatchObject({ totals: { sent: 0 } })
})

test.each([
  ['?by=week', 'by', 'by is none of hour, day.'],
  ['?from=x', 'from', 'from wants a day or a time of UTC, such as 2027-01-15 or 2027-01-15T10:00:00Z.'],
  [
    '?form=x',
    'form',
    'form is not a known parameter; did you mean from? known: from, to, by, dimension, name, limit.',
  ],
])('%s is told what was wanted', async (query, path, message) => {
  const { status, body } = await asks(query)
  expect(status).toBe(422)
  expect(body).toMatchObject({
    success: false,
    error: { code: 'validation_failed', message, fields: [{ path }] },
  })
})

test('whether its mail is near a limit or paused, of its own account alone', async () => {
  const state = { accountId: ACCOUNT, reason: 'why', facts: '{}', since: NOW } as const
  await store.sending.set({ ...state, kind: 'account', name: '', state: 'warned' }, null)
  await store.sending.set({ ...state, kind: 'domain', name: 'example.com', state: 'paused' }, null)
  const since = new Date(NOW).toISOString()
  expect((await asks('/sending')).body).toEqual({
    success: true,
    data: [
      { kind: 'account', name: null, state: 'warned', since, reason: 'why' },
      { kind: 'domain', name: 'example.com', state: 'paused', since, reason: 'why' },
    ],
    has_more: false,
  })
  expect((await asks('/sending', 'acc_000000000009' as AccountId)).body).toEqual({
    success: true,
    data: [],
    has_more: false,
  })
})
