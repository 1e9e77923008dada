import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Message } from '../../../src/core/message.ts'
import { DAY } from '../../../src/core/time.ts'
import { type Departure, Leaving } from '../../../src/services/engagement/leaving.ts'
import { Suppression } from '../../../src/services/suppression/suppression.ts'
import type { LeavingEvent } from '../../../src/store/engagement-store.ts'
import { openStore } from '../../../src/store/open.ts'
import {
  ACCOUNT,
  acceptanceOf,
  delivered,
  firstDelivery,
  HOLDER,
  ids,
  NOW,
  storeOptions,
} from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const quiet = () => undefined

async function house() {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-leaving-'))
  const store = await openStore(`sqlite:${join(folder, 'a.db')}`, storeOptions())
  open.push(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await store.queue.heartbeat(HOLDER, NOW, NOW + 365 * DAY)
  const clock = handClock(NOW + 1000)
  const suppression = new Suppression({ store: store.suppressions, clock })
  const rung: LeavingEvent[] = []
  const recalled: string[] = []
  const leaving = new Leaving({
    store: store.engagement,
    entries: store.suppressions,
    suppression,
    recall: ({ recipient }) => void recalled.push(recipient),
    ring: (event) => void rung.push(event),
    clock,
    ids,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    meter: { count: quiet, observe: quiet, gauge: quiet },
  })
  const leaverOf = async (message: Partial<Message>) => {
    const accepted = acceptanceOf({ leased: true, to: ['Ann@one.example'], message })
    await store.queue.accept(accepted)
    await store.queue.settle([delivered(accepted)], HOLDER)
    const leaver = await leaving.find(firstDelivery(accepted))
    if (leaver === null) throw new Error('nobody')
    return leaver
  }
  return { store, clock, suppression, leaving, rung, recalled, leaverOf }
}

const NEWS = { stream: 'marketing', wishes: { unsubscribe: true, list: 'news' } } as const
const BY_PAGE: Departure = { scope: 'list:news', by: 'page', ip: '192.0.2.1', userAgent: 'Browser/1' }
const entry = {
  accountId: ACCOUNT,
  recipient: 'ann@one.example',
  eventId: null,
  note: '',
  createdAt: NOW,
  expiresAt: null,
} as const

test('entry and event are one, and everybody who must hears of it once', async () => {
  const { store, leaving, rung, recalled, leaverOf } = await house()
  const leaver = await leaverOf(NEWS)
  expect(leaver.list).toBe('news')
  expect(Leaving.scopeOf(leaver)).toBe('list:news')
  expect(await leaving.standing(leaver, 'list:news')).toBe('comes')
  const twice = await Promise.all([leaving.leave(leaver, BY_PAGE), leaving.leave(leaver, BY_PAGE)])
  expect(twice.map((each) => each.ok && each.value).sort()).toEqual(['done', 'known'])
  expect(await leaving.leave(leaver, BY_PAGE)).toEqual({ ok: true, value: 'known' })
  const [event, ...more] = rung
  expect(more).toEqual([])
  expect(recalled).toEqual(['ann@one.example'])
  expect(await store.suppressions.entries(ACCOUNT, 'ann@one.example')).toMatchObject([
    { scope: 'list:news', reason: 'unsubscribe', eventId: event?.id, expiresAt: null },
  ])
  const told = (await store.messages.events(leaver.messageId)).filter(
    ({ type }) => type === 'email.unsubscribed',
  )
  expect(told).toMatchObject([
    { scope: 'list:news', by: 'page', ip: '192.0.2.1', userAgent: 'Browser/1', recipient: 'Ann@one.example' },
  ])
  expect(await leaving.standing(leaver, 'list:news')).toBe('left')
  expect(await leaving.standing(leaver, 'marketing')).toBe('comes')
})

test('who left may come back, and no further than that', async () => {
  const { store, leaving, leaverOf } = await house()
  const leaver = await leaverOf(NEWS)
  await leaving.leave(leaver, BY_PAGE)
  await store.suppressions.put([{ ...entry, scope: 'marketing', reason: 'complaint' }])
  expect(await leaving.comeBack(leaver, 'list:news')).toEqual({ ok: true, value: 'done' })
  expect(await leaving.comeBack(leaver, 'list:news')).toEqual({ ok: true, value: 'done' })
  expect(await leaving.comeBack(leaver, 'marketing')).toEqual({ ok: true, value: 'kept' })
  expect(await leaving.standing(leaver, 'marketing')).toBe('stopped')
  expect((await store.suppressions.entries(ACCOUNT, 'ann@one.example')).map(({ scope }) => scope)).toEqual([
    'marketing',
  ])
})

test('a bounce stops every list, and an entry that has ended none', async () => {
  const { store, clock, leaving, leaverOf } = await house()
  const leaver = await leaverOf(NEWS)
  await store.suppressions.put([
    { ...entry, scope: '', reason: 'hard_bounce', expiresAt: clock.now() + DAY },
    { ...entry, scope: 'list:news', reason: 'manual', expiresAt: clock.now() + DAY },
  ])
  expect(await leaving.standing(leaver, 'list:news')).toBe('stopped')
  expect(await leaving.standing(leaver, 'marketing')).toBe('stopped')
  clock.advance(DAY)
  expect(await leaving.standing(leaver, 'list:news')).toBe('comes')
  expect(await leaving.leave(leaver, BY_PAGE)).toEqual({ ok: true, value: 'done' })
  expect(await leaving.standing(leaver, 'list:news')).toBe('left')
})

test('a link works when its message is long gone', async () => {
  const { store, leaving, leaverOf, rung } = await house()
  const { id, ...leaver } = await leaverOf(NEWS)
  const before = NOW + 100 * DAY
  const bounds = { contentBefore: before, attemptsBefore: before, eventsBefore: before }
  await store.upkeep.retain({ ...bounds, idempotencyBefore: 0, waysOutBefore: 0 })
  expect(await store.messages.get(leaver.messageId, null)).toBeNull()
  const found = await leaving.find(id)
  expect(found).toEqual({ id, ...leaver })
  if (found === null) return
  expect(await leaving.leave(found, BY_PAGE)).toEqual({ ok: true, value: 'done' })
  expect(rung).toHaveLength(1)
  await store.upkeep.retain({ ...bounds, eventsBefore: 0, idempotencyBefore: 0, waysOutBefore: before })
  expect(await leaving.find(id)).toBeNull()
})

test('mail of test keys is left without a trace', async () => {
  const { store, leaving, leaverOf, rung } = await house()
  const leaver = await leaverOf({ ...NEWS, mode: 'test' })
  expect(await leaving.leave(leaver, BY_PAGE)).toEqual({ ok: true, value: 'known' })
  expect(await store.suppressions.entries(ACCOUNT, 'ann@one.example')).toEqual([])
  expect(rung).toEqual([])
})
