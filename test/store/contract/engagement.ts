// Owns: what both engines promise of what readers did: whose copies, events in order, leaving once.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { isOfMail, type MailEvent } from '../../../src/core/event.ts'
import { type DeliveryId, deliveryId } from '../../../src/core/ids.ts'
import type { Suppression } from '../../../src/core/suppression.ts'
import type { LeavingEvent, ReadingEvent } from '../../../src/store/engagement-store.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import type { Acceptance, Store } from '../../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  delivered,
  domainNamed,
  firstDelivery,
  HOLDER,
  ids,
  mailboxNamed,
  NOW,
  type Open,
} from './samples.ts'

const head = (acceptance: Acceptance) => ({
  id: ids.event(),
  accountId: ACCOUNT,
  messageId: acceptance.message.id,
  deliveryId: firstDelivery(acceptance),
  recipient: mailboxNamed('Ann@one.example'),
  at: NOW + 60_000,
})
const reader = { ip: '198.51.100.7', userAgent: 'Mail "é" 1.0\\' }

const clicked = (acceptance: Acceptance, url = 'https://shop.example/?a=1&b='): ReadingEvent => ({
  ...head(acceptance),
  type: 'email.clicked',
  url,
  ...reader,
  machine: null,
  why: ['mail_proxy'],
})

const left = (acceptance: Acceptance, more: Partial<LeavingEvent> = {}): LeavingEvent => ({
  ...head(acceptance),
  type: 'email.unsubscribed',
  scope: 'marketing',
  by: 'page',
  ...reader,
  ...more,
})

const entryOf = (event: LeavingEvent, more: Partial<Suppression> = {}): Suppression => ({
  accountId: ACCOUNT,
  recipient: 'ann@one.example',
  scope: event.scope,
  reason: 'unsubscribe',
  eventId: event.id,
  note: 'by page \ud83d',
  createdAt: event.at,
  expiresAt: null,
  ...more,
})

export function engagementContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  const accept = async (wish: Parameters<typeof acceptanceOf>[0] = {}): Promise<Acceptance> => {
    const acceptance = acceptanceOf({ leased: true, ...wish })
    expect((await store.queue.accept(acceptance)).ok).toBe(true)
    return acceptance
  }
  const types = async (acceptance: Acceptance): Promise<string[]> =>
    (await store.messages.events(acceptance.message.id)).map(({ type }) => type)
  const logged = async (): Promise<readonly MailEvent[]> =>
    (await store.log.read(LOG_START, 10_000)).map(({ event }) => event).filter(isOfMail)

  test('says whose copies these are, and nothing of those that are gone', async () => {
    const one = await accept({ to: ['ann@one.example', 'bob@two.example'] })
    const two = await accept({
      message: {
        mode: 'test',
        tags: [],
        wishes: { list: 'news', tracking: { base: 'https://t.example', opens: true } },
        signingDomain: domainNamed('news.example.com'),
      },
    })
    await store.queue.settle([delivered(one)], HOLDER)
    const bob = deliveryId(one.message.id, 1)
    const gone = 'msg_000000000000.7' as DeliveryId
    const found = await store.engagement.copies([firstDelivery(one), bob, gone, firstDelivery(two), bob])
    expect([...found.keys()].sort()).toEqual([firstDelivery(one), bob, firstDelivery(two)].sort())
    expect(found.get(firstDelivery(one))).toEqual({
      id: firstDelivery(one),
      messageId: one.message.id,
      accountId: ACCOUNT,
      recipient: mailboxNamed('ann@one.example'),
      state: 'delivered',
      finishedAt: NOW + 20,
      mode: 'live',
      tags: ['welcome', 'first'],
      wishes: {},
      signingDomain: domainNamed('example.com'),
    })
    expect(found.get(bob)).toMatchObject({ state: 'queued', finishedAt: null })
    expect(found.get(firstDelivery(two))).toMatchObject({
      mode: 'test',
      tags: [],
      wishes: two.message.wishes,
      signingDomain: 'news.example.com',
    })
    expect((await store.engagement.copies([])).size).toBe(0)
  })

  test('finds a thousand copies at once', async () => {
    const to = Array.from({ length: 1000 }, (_, at) => `u${at}@one.example`)
    const { message } = await accept({ to })
    const found = await store.engagement.copies(to.map((_, at) => deliveryId(message.id, at)))
    expect(found.size).toBe(1000)
    expect(found.get(deliveryId(message.id, 999))?.recipient).toBe(mailboxNamed('u999@one.example'))
  })

  test('appends events as they were given, in their order, told to followers and shown with their message', async () => {
    const acceptance = await accept()
    const events: ReadingEvent[] = Array.from({ length: 300 }, (_, at) =>
      clicked(acceptance, `https://shop.example/${at}`),
    )
    events.push({
      ...head(acceptance),
      type: 'email.opened',
      ip: null,
      userAgent: null,
      machine: true,
      why: ['head', 'not_a_browser'],
    })
    expect(await store.engagement.append(events)).toEqual({ ok: true, value: undefined })
    expect(await store.engagement.append([])).toEqual({ ok: true, value: undefined })
    expect((await logged()).slice(1)).toEqual(events)
    expect((await store.messages.events(acceptance.message.id)).slice(1)).toEqual(events)
  })

  test('events of a message that is gone are kept all the same', async () => {
    const acceptance = acceptanceOf()
    const event = clicked(acceptance)
    expect((await store.engagement.append([event])).ok).toBe(true)
    expect(await logged()).toEqual([event])
  })

  test('what was written although the answer was lost is not written twice', async () => {
    const acceptance = await accept()
    const events = [clicked(acceptance), clicked(acceptance)]
    await store.engagement.append(events)
    expect((await store.engagement.append(events, 'again')).ok).toBe(true)
    expect((await logged()).slice(1)).toEqual(events)
    const others = [clicked(acceptance), clicked(acceptance)]
    expect((await store.engagement.append(others, 'again')).ok).toBe(true)
    expect((await logged()).slice(1)).toEqual([...events, ...others])
  })

  test('who leaves is on the list and in the log, once', async () => {
    const acceptance = await accept()
    const event = left(acceptance, { scope: 'list:news' })
    const entry = entryOf(event)
    expect(await store.engagement.leave(event, entry)).toEqual({ ok: true, value: 'done' })
    expect(await store.suppressions.entries(ACCOUNT, 'ann@one.example')).toEqual([
      { ...entry, note: 'by page \ufffd' },
    ])
    expect((await logged()).slice(1)).toEqual([event])
    const again = left(acceptance, { scope: 'list:news', by: 'one-click' })
    expect(await store.engagement.leave(again, entryOf(again))).toEqual({ ok: true, value: 'known' })
    expect(await types(acceptance)).toEqual(['email.queued', 'email.unsubscribed'])
    // The same said twice, because the first answer was lost.
    expect(await store.engagement.leave(event, entry)).toEqual({ ok: true, value: 'known' })
    expect(await types(acceptance)).toEqual(['email.queued', 'email.unsubscribed'])
  })

  test('each list and each stream is left by itself', async () => {
    const acceptance = await accept()
    for (const scope of ['list:news', 'list:offers', 'marketing'] as const) {
      const event = left(acceptance, { scope })
      expect(await store.engagement.leave(event, entryOf(event))).toEqual({ ok: true, value: 'done' })
    }
    expect((await store.suppressions.entries(ACCOUNT, 'ann@one.example')).map(({ scope }) => scope)).toEqual([
      'list:news',
      'list:offers',
      'marketing',
    ])
    expect((await types(acceptance)).length).toBe(4)
  })

  test('an entry for a time gives way, one for ever stays as it is', async () => {
    const acceptance = await accept()
    const before = left(acceptance)
    const manual = { ...entryOf(before), reason: 'manual', eventId: null, note: 'by phone' } as const
    await store.suppressions.put([{ ...manual, expiresAt: NOW + 1 }])
    const event = left(acceptance)
    expect(await store.engagement.leave(event, entryOf(event))).toEqual({ ok: true, value: 'done' })
    expect(await store.suppressions.entries(ACCOUNT, 'ann@one.example')).toMatchObject([
      { reason: 'unsubscribe', eventId: event.id, expiresAt: null },
    ])
    await store.suppressions.put([manual])
    const late = left(acceptance)
    expect(await store.engagement.leave(late, entryOf(late))).toEqual({ ok: true, value: 'known' })
    expect(await store.suppressions.entries(ACCOUNT, 'ann@one.example')).toEqual([manual])
    expect((await types(acceptance)).length).toBe(2)
  })

  test('twenty who press at once leave once', async () => {
    const acceptance = await accept()
    const ends = await Promise.all(
      Array.from({ length: 20 }, () => {
        const event = left(acceptance)
        return store.engagement.leave(event, entryOf(event))
      }),
    )
    expect(ends.filter((end) => end.ok && end.value === 'done').length).toBe(1)
    expect((await types(acceptance)).length).toBe(2)
  })
}
