//
// Owns: what both engines promise of the log's followers, and of what is heard after a delivery's end.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { LogEvent } from '../../../src/core/event.ts'
import { LOG_START, type LogCursor } from '../../../src/store/log-store.ts'
import type { Acceptance, LateNews, Store } from '../../../src/store/store.ts'
import { acceptanceOf, delivered, firstDelivery, HOLDER, ids, NOW, type Open } from './samples.ts'

const COMPLAINT: { readonly feedbackType: string; readonly reporter: string | null } = {
  feedbackType: 'abuse',
  reporter: 'x.example',
}

export function logContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  })
  afterEach(() => store.close())
  const accepted = async (): Promise<Acceptance> => {
    const acceptance = acceptanceOf({ leased: true })
    expect((await store.queue.accept(acceptance)).ok).toBe(true)
    return acceptance
  }
  const sent = async (): Promise<Acceptance> => {
    const acceptance = await accepted()
    await store.queue.settle([delivered(acceptance)], HOLDER)
    return acceptance
  }

  describe('following', () => {
    test('each event is read once, in order, page by page', async () => {
      const first = await sent()
      const second = await sent()
      const told: LogEvent[] = []
      let cursor: LogCursor = LOG_START
      for (;;) {
        const page = await store.log.read(cursor, 3)
        told.push(...page.map((entry) => entry.event))
        const last = page.at(-1)
        if (!last) break
        cursor = last.cursor
      }
      const expected = [
        ...(await store.messages.events(first.message.id)),
        ...(await store.messages.events(second.message.id)),
      ]
      expect(expected).toHaveLength(4)
      expect(told).toEqual(expected)
      const third = await accepted()
      expect((await store.log.read(cursor, 10)).map((entry) => entry.event)).toEqual([...third.events])
    })

    test('what is wanted of it is picked, and the rest is looked at', async () => {
      const first = await sent()
      const second = await accepted()
      const all = await store.log.read(LOG_START, 10)
      const picked = await store.log.pick(LOG_START, 10, { types: ['email.delivered', 'email.bounced'] })
      expect(picked).toEqual({ entries: all.slice(1, 2), looked: 3, to: all[2]?.cursor ?? LOG_START })
      expect(picked.entries[0]?.event.messageId).toBe(first.message.id)
      const none = await store.log.pick(LOG_START, 10, { types: ['email.complained'] })
      expect(none).toEqual({ entries: [], looked: 3, to: picked.to })
      // Page by page: the limit is of what is looked at.
      const page = await store.log.pick(LOG_START, 2, { types: ['email.queued'] })
      expect(page).toEqual({ entries: all.slice(0, 1), looked: 2, to: all[1]?.cursor ?? LOG_START })
      const rest = await store.log.pick(page.to, 2, { types: ['email.queued'] })
      expect(rest.looked).toBe(1)
      expect(rest.entries.map(({ event }) => event.messageId)).toEqual([second.message.id])
      expect(await store.log.pick(rest.to, 2, { types: ['email.queued'] })).toEqual({
        entries: [],
        looked: 0,
        to: rest.to,
      })
    })

    test('success of which a submitter has to be told is told from other success', async () => {
      await sent()
      const acceptance = await accepted()
      const settlement = delivered(acceptance)
      const events = settlement.events.map((event) => ({ ...event, dsn: 'owed' as const }))
      await store.queue.settle([{ ...settlement, events }], HOLDER)
      const { entries } = await store.log.pick(LOG_START, 10, {
        types: ['email.bounced'],
        owedSuccess: true,
      })
      expect(entries.map(({ event }) => event.messageId)).toEqual([acceptance.message.id])
    })

    test('it can be read backwards from any place, the event there first', async () => {
      await sent()
      await sent()
      const all = await store.log.read(LOG_START, 10)
      const third = all[2]?.cursor ?? LOG_START
      expect(await store.log.before(third, 10)).toEqual(all.slice(0, 3).reverse())
      expect(await store.log.before(third, 2)).toEqual(all.slice(1, 3).reverse())
      expect(await store.log.before(LOG_START, 2)).toEqual([])
    })

    test('many at once: nobody is missed and nobody comes twice', async () => {
      const seen: string[] = []
      let cursor: LogCursor = LOG_START
      const read = async (): Promise<void> => {
        for (const entry of await store.log.read(cursor, 50)) {
          seen.push(entry.event.id)
          cursor = entry.cursor
        }
      }
      const all = Array.from({ length: 200 }, () => acceptanceOf())
      const writing = all.map(async (one) => store.queue.accept(one))
      while (seen.length < 100) await read()
      await Promise.all(writing)
      while (seen.length < 200) await read()
      await read()
      expect([...seen].sort()).toEqual(all.flatMap((one) => one.events.map((event) => event.id)).sort())
    })

    test('a follower goes on where it stopped', async () => {
      expect(await store.log.cursor('stats')).toBe(LOG_START)
      await sent()
      const [first] = await store.log.read(LOG_START, 1)
      if (!first) throw new Error('nothing was told')
      expect(await store.log.saveCursor('stats', first.cursor)).toEqual({ ok: true, value: undefined })
      expect(await store.log.saveCursor('stats', first.cursor)).toEqual({ ok: true, value: undefined })
      expect(await store.log.cursor('stats')).toBe(first.cursor)
      expect(await store.log.cursor('webhooks')).toBe(LOG_START)
      expect((await store.log.read(first.cursor, 9)).map(({ event }) => event.type)).toEqual([
        'email.delivered',
      ])
    })
  })

  describe('late news', () => {
    const bounceOf = (acceptance: Acceptance): LateNews => ({
      deliveryId: firstDelivery(acceptance),
      becomes: 'bounced',
      events: [
        {
          ...headOf(acceptance),
          type: 'email.bounced',
          late: true,
          peer: { mx: 'mx.one.example', ip: null, software: null },
          failure: {
            type: 'hard',
            reason: 'mailbox_unknown',
            enhancedCode: '5.1.1',
            diagnostic: '550 5.1.1 no such user',
          },
        },
      ],
    })
    const complaintOf = (acceptance: Acceptance, says = COMPLAINT): LateNews => ({
      deliveryId: firstDelivery(acceptance),
      becomes: null,
      events: [{ ...headOf(acceptance), type: 'email.complained', ...says }],
    })
    const headOf = (acceptance: Acceptance) => ({
      id: ids.event(),
      accountId: acceptance.message.accountId,
      messageId: acceptance.message.id,
      deliveryId: firstDelivery(acceptance),
      recipient: acceptance.deliveries[0]?.recipient ?? ('' as never),
      at: NOW + 5000,
    })
    const typesOf = async ({ message }: Acceptance) =>
      (await store.messages.events(message.id)).map((event) => event.type)

    test('a DSN turns delivered into bounced, once', async () => {
      const mail = await sent()
      expect(await store.queue.late(bounceOf(mail))).toEqual({ ok: true, value: 'added' })
      expect(await store.queue.late(bounceOf(mail))).toEqual({ ok: true, value: 'known' })
      expect(await store.messages.delivery(firstDelivery(mail))).toMatchObject({
        state: 'bounced',
        finishedAt: NOW + 5000,
        attempts: 1,
      })
      expect(await typesOf(mail)).toEqual(['email.queued', 'email.delivered', 'email.bounced'])
    })

    test('two that tell it at once are one', async () => {
      const mail = await sent()
      const ends = await Promise.all([bounceOf(mail), bounceOf(mail), bounceOf(mail)].map(store.queue.late))
      expect(ends.map((end) => (end.ok ? end.value : end.error)).sort()).toEqual(['added', 'known', 'known'])
      expect(await typesOf(mail)).toEqual(['email.queued', 'email.delivered', 'email.bounced'])
    })

    test('a complaint is kept once and changes no state', async () => {
      const mail = await sent()
      expect(await store.queue.late(complaintOf(mail))).toEqual({ ok: true, value: 'added' })
      expect(await store.queue.late(complaintOf(mail))).toEqual({ ok: true, value: 'known' })
      const passedOn = { ...COMPLAINT, reporter: null }
      expect(await store.queue.late(complaintOf(mail, passedOn))).toEqual({ ok: true, value: 'known' })
      const optOut = { ...COMPLAINT, feedbackType: 'opt-out' }
      expect(await store.queue.late(complaintOf(mail, optOut))).toEqual({ ok: true, value: 'added' })
      expect(await store.messages.delivery(firstDelivery(mail))).toMatchObject({ state: 'delivered' })
      expect(await store.queue.late(bounceOf(mail))).toEqual({ ok: true, value: 'added' })
    })

    test('before its end is stored nothing is changed', async () => {
      const mail = await accepted()
      expect(await store.queue.late(bounceOf(mail))).toEqual({ ok: true, value: 'early' })
      expect(await store.queue.late(complaintOf(mail))).toEqual({ ok: true, value: 'early' })
      expect(await typesOf(mail)).toEqual(['email.queued'])
      await store.queue.settle([delivered(mail)], HOLDER)
      expect(await typesOf(mail)).toEqual(['email.queued', 'email.delivered'])
    })

    test('any other end stays, and who is unknown is gone', async () => {
      const mail = acceptanceOf({ state: 'suppressed' })
      await store.queue.accept(mail)
      expect(await store.queue.late(bounceOf(mail))).toEqual({ ok: true, value: 'known' })
      expect(await store.messages.delivery(firstDelivery(mail))).toMatchObject({ state: 'suppressed' })
      expect(await store.queue.late(bounceOf(acceptanceOf()))).toEqual({ ok: true, value: 'gone' })
      expect(await store.messages.delivery(firstDelivery(acceptanceOf()))).toBeNull()
    })
  })
}
