//
// Owns: what both engines promise of retention, sizes and the probe.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { SCHEMA_VERSION } from '../../../src/store/migrations/migration.ts'
import type { Acceptance, Store } from '../../../src/store/store.ts'
import { ACCOUNT, acceptanceOf, contentOfText, delivered, HOLDER, NOW, type Open } from './samples.ts'

const FUTURE = NOW + 90 * 86_400_000
const NEVER = { contentBefore: 0, attemptsBefore: 0, eventsBefore: 0, idempotencyBefore: 0, waysOutBefore: 0 }
const ALL = {
  contentBefore: FUTURE,
  attemptsBefore: FUTURE,
  eventsBefore: FUTURE,
  idempotencyBefore: FUTURE,
  waysOutBefore: 0,
}

export function upkeepContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, FUTURE)
  })
  afterEach(() => store.close())
  const accept = async (acceptance: Acceptance): Promise<Acceptance> => {
    expect(await store.queue.accept(acceptance)).toEqual({ ok: true, value: undefined })
    return acceptance
  }

  describe('retention', () => {
    test('what is owed stays, whatever the bounds say', async () => {
      const waiting = await accept(acceptanceOf())
      const leased = await accept(acceptanceOf({ leased: true }))
      const held = await accept(acceptanceOf({ state: 'held' }))
      const half = await accept(acceptanceOf({ leased: true, to: ['a@one.example', 'b@two.example'] }))
      await store.queue.settle([delivered(half)], HOLDER)
      expect(await store.upkeep.retain(ALL)).toMatchObject({ contents: 0, messages: 0 })
      for (const { message } of [waiting, leased, held, half]) {
        expect((await store.messages.contents([message.contentId])).size).toBe(1)
        expect(await store.messages.get(message.id, null)).toEqual(message)
        expect((await store.messages.events(message.id)).length).toBeGreaterThan(0)
      }
      expect(await store.messages.deliveries(half.message.id)).toHaveLength(2)
    })

    test('what is finished goes by its own bound', async () => {
      const record = { key: 'k', bodyHash: 'aa' }
      const done = await accept(acceptanceOf({ leased: true, idempotency: record }))
      await store.queue.settle([delivered(done)], HOLDER)
      const { id, contentId, accountId } = done.message
      const nothing = { contents: 0, attempts: 0, events: 0, messages: 0 }
      expect(await store.upkeep.retain(NEVER)).toEqual(nothing)
      expect(await store.upkeep.retain({ ...NEVER, contentBefore: NOW + 20 })).toEqual(nothing)
      expect(await store.upkeep.retain({ ...NEVER, contentBefore: NOW + 21 })).toMatchObject({ contents: 1 })
      expect((await store.messages.contents([contentId])).size).toBe(0)
      expect(await store.messages.attempts(id)).toHaveLength(1)
      expect(await store.upkeep.retain({ ...NEVER, attemptsBefore: FUTURE })).toMatchObject({ attempts: 1 })
      expect(await store.messages.events(id)).toHaveLength(2)
      expect(await store.messages.idempotency(accountId, 'k')).not.toBeNull()
      expect(await store.upkeep.retain(ALL)).toEqual({ ...nothing, events: 2, messages: 1 })
      expect(await store.messages.idempotency(accountId, 'k')).toBeNull()
      expect(await store.messages.get(id, null)).toBeNull()
      expect(await store.messages.deliveries(id)).toEqual([])
    })

    test('who could leave by a message can for longer than it is kept', async () => {
      const marketing = { stream: 'marketing' as const, wishes: { unsubscribe: true as const } }
      const sent = (message: Parameters<typeof acceptanceOf>[0]) =>
        accept(acceptanceOf({ leased: true, ...message }))
      const ofList = await sent({ message: { ...marketing, wishes: { list: 'news', unsubscribe: true } } })
      const ofNone = await sent({ message: marketing, to: ['a@one.example', 'b@one.example'] })
      const without = await sent({})
      const played = await sent({ message: { ...marketing, mode: 'test' } })
      const all = [ofList, ofNone, without, played]
      await store.queue.settle(
        all.flatMap((one) => one.deliveries.map((_, ordinal) => delivered(one, ordinal))),
        HOLDER,
      )
      const kept = (one: Acceptance) =>
        Promise.all(one.deliveries.map(({ id }) => store.engagement.wayOut(id)))
      expect(await kept(ofList)).toEqual([null])
      expect(await store.upkeep.retain(ALL)).toMatchObject({ messages: 4 })
      const { signingDomain } = ofList.message
      const who = { accountId: ACCOUNT, signingDomain, list: null }
      expect(await kept(ofList)).toMatchObject([{ ...who, list: 'news' }])
      expect(await kept(ofNone)).toMatchObject([
        { ...who, recipient: 'a@one.example' },
        { ...who, recipient: 'b@one.example' },
      ])
      expect(await kept(without)).toEqual([null])
      expect(await kept(played)).toEqual([null])
      await store.upkeep.retain({ ...NEVER, waysOutBefore: FUTURE })
      expect(await kept(ofNone)).toEqual([null, null])
    })

    test('a shared content stays while one of its messages is owed', async () => {
      const first = await accept(acceptanceOf({ leased: true }))
      const second = await accept(
        acceptanceOf({ leased: true, message: { contentId: first.message.contentId } }),
      )
      await store.queue.settle([delivered(first)], HOLDER)
      expect(await store.upkeep.retain(ALL)).toMatchObject({ contents: 0 })
      await store.queue.settle([delivered(second)], HOLDER)
      expect(await store.upkeep.retain(ALL)).toMatchObject({ contents: 1, messages: 2 })
    })

    test('what a message adds to a shared content goes by its own end, and that of others stays', async () => {
      const fill = '{"header":"To: a@one.example\\r\\n","data":"{\\"code\\":4711}"}'
      const first = await accept(acceptanceOf({ leased: true, message: { fill } }))
      const { contentId } = first.message
      const second = await accept(acceptanceOf({ leased: true, message: { contentId, fill } }))
      const fillOf = async (one: Acceptance) => (await store.messages.get(one.message.id, null))?.fill
      await store.queue.settle([delivered(first)], HOLDER)
      await store.upkeep.retain({ ...NEVER, contentBefore: NOW + 20 })
      expect([await fillOf(first), await fillOf(second)]).toEqual([fill, fill])
      expect(await store.upkeep.retain({ ...NEVER, contentBefore: FUTURE })).toMatchObject({ contents: 0 })
      expect([await fillOf(first), await fillOf(second)]).toEqual([undefined, fill])
      await store.queue.settle([delivered(second)], HOLDER)
      expect(await store.upkeep.retain({ ...NEVER, contentBefore: FUTURE })).toMatchObject({ contents: 1 })
      expect(await fillOf(second)).toBeUndefined()
    })

    test('entries of the list that ended long ago go, others stay', async () => {
      const entry = { accountId: ACCOUNT, scope: '', reason: 'manual', eventId: null, note: '' } as const
      await store.suppressions.put([
        { ...entry, recipient: 'old@one.example', createdAt: NOW - 9, expiresAt: NOW - 5 },
        { ...entry, recipient: 'late@one.example', createdAt: NOW - 9, expiresAt: NOW + 5 },
        { ...entry, recipient: 'ever@one.example', createdAt: NOW - 9, expiresAt: null },
      ])
      await store.upkeep.retain({ ...NEVER, eventsBefore: NOW })
      const left = async (name: string) =>
        (await store.suppressions.entries(ACCOUNT, `${name}@one.example`)).length
      expect([await left('old'), await left('late'), await left('ever')]).toEqual([0, 1, 1])
    })

    test('more than one chunk goes in one run', async () => {
      const shared = contentOfText('to all')
      await accept({
        ...acceptanceOf({ leased: true, message: { contentId: shared.id } }),
        content: shared,
      }).then((one) => store.queue.settle([delivered(one)], HOLDER))
      const many = Array.from({ length: 1300 }, (_, index) =>
        acceptanceOf({ leased: true, ...(index % 2 ? { message: { contentId: shared.id } } : {}) }),
      )
      await Promise.all(many.map(accept))
      await store.queue.settle(
        many.map((one) => delivered(one)),
        HOLDER,
      )
      expect(await store.upkeep.retain(ALL)).toEqual({
        contents: 651,
        attempts: 1301,
        events: 2602,
        messages: 1301,
      })
    })
  })

  describe('the store itself', () => {
    test('a probe commits, the schema is the newest, sizes are known', async () => {
      expect(await store.upkeep.probe()).toEqual({ ok: true, value: undefined })
      expect(await store.upkeep.probe()).toEqual({ ok: true, value: undefined })
      expect(await store.upkeep.schemaVersion()).toBe(SCHEMA_VERSION)
      expect((await store.upkeep.size()).database).toBeGreaterThan(0)
    })

    test('after close nothing is accepted', async () => {
      const closed = await open()
      const last = closed.queue.accept(acceptanceOf())
      await closed.close()
      expect(await last).toEqual({ ok: true, value: undefined })
      expect(await closed.queue.accept(acceptanceOf())).toEqual({ ok: false, error: 'unavailable' })
    })
  })
}
