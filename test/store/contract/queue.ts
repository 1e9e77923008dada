//
// Owns: what both engines promise of accepting, claiming and settling.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Store } from '../../../src/store/store.ts'
import {
  acceptanceOf,
  attemptNumber,
  deferred,
  delivered,
  domainNamed,
  firstDelivery,
  HOLDER,
  lineTo,
  mailboxNamed,
  NOW,
  type Open,
} from './samples.ts'

const ONE = domainNamed('one.example')
const TWO = domainNamed('two.example')

export function queueContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  })
  afterEach(() => store.close())
  const claimOf = (destination = ONE, limit = 10, now = NOW) =>
    store.queue.claim([{ line: lineTo(destination), limit }], now, HOLDER)

  describe('accept', () => {
    test('all parts of an accepted message are there', async () => {
      const acceptance = acceptanceOf({ to: ['ann@one.example', 'bob@two.example'] })
      expect(await store.queue.accept(acceptance)).toEqual({ ok: true, value: undefined })
      const { message } = acceptance
      expect(await store.messages.get(message.id, message.accountId)).toEqual(message)
      expect(await store.messages.events(message.id)).toEqual([...acceptance.events])
      expect(await store.messages.deliveries(message.id)).toEqual(
        acceptance.deliveries.map(({ id, recipient, destination }) => ({
          id,
          messageId: message.id,
          recipient,
          destination,
          state: 'queued',
          attempts: 0,
          dueAt: NOW,
          finishedAt: null,
          dsn: null,
        })),
      )
      expect(await store.queue.nextDueAt()).toBe(NOW)
    })

    test('a second message can share a content', async () => {
      const first = acceptanceOf()
      await store.queue.accept(first)
      const second = acceptanceOf({ message: { contentId: first.message.contentId } })
      expect(second.content).toBeNull()
      expect((await store.queue.accept(second)).ok).toBe(true)
      expect((await claimOf()).map((one) => one.contentId)).toEqual([
        first.message.contentId,
        first.message.contentId,
      ])
    })

    test('many at once are all kept', async () => {
      const all = Array.from({ length: 300 }, (_, index) => acceptanceOf({ to: [`u${index}@one.example`] }))
      const ends = await Promise.all(all.map((one) => store.queue.accept(one)))
      expect(ends.every((end) => end.ok)).toBe(true)
      expect(await claimOf(ONE, 1000)).toHaveLength(300)
    })

    test('a taken idempotency key refuses its member alone and keeps nothing of it', async () => {
      const idempotency = { key: 'order-7', bodyHash: 'aa' }
      const first = acceptanceOf({ idempotency })
      const second = acceptanceOf({ idempotency })
      const other = acceptanceOf({ text: 'another' })
      const ends = await Promise.all([first, second, other].map((one) => store.queue.accept(one)))
      expect(ends).toEqual([
        { ok: true, value: undefined },
        { ok: false, error: 'idempotency-conflict' },
        { ok: true, value: undefined },
      ])
      expect(await store.messages.get(second.message.id, null)).toBeNull()
      expect(await store.messages.deliveries(second.message.id)).toEqual([])
      expect(await store.messages.contents([second.message.contentId])).toEqual(new Map())
      expect(await store.messages.contents([other.message.contentId])).toEqual(
        new Map([[other.message.contentId, other.content]]) as never,
      )
      expect(await store.messages.idempotency(first.message.accountId, 'order-7')).toEqual(first.idempotency)
      expect(await claimOf()).toHaveLength(2)
    })

    test('an id that is used twice harms nobody else of its group', async () => {
      const first = acceptanceOf()
      const twin = { ...acceptanceOf(), message: first.message }
      const other = acceptanceOf({ text: 'another' })
      const ends = await Promise.allSettled([first, twin, other].map((one) => store.queue.accept(one)))
      expect(ends.map((end) => end.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await claimOf()).toHaveLength(2)
    })

    test('suppressed and held ones are not in the line', async () => {
      const suppressed = acceptanceOf({ state: 'suppressed' })
      const held = acceptanceOf({ state: 'held' })
      await Promise.all([store.queue.accept(suppressed), store.queue.accept(held)])
      expect(await claimOf()).toEqual([])
      expect(await store.queue.nextDueAt()).toBeNull()
      const [one] = await store.messages.deliveries(suppressed.message.id)
      expect(one).toMatchObject({ state: 'suppressed', dueAt: null, finishedAt: NOW })
      expect(await store.queue.overview(10)).toMatchObject({
        waiting: 0,
        leased: 0,
        held: 1,
        heldFor: [{ destination: held.deliveries[0]?.destination, held: 1 }],
      })
      expect((await store.queue.overview(0)).heldFor).toEqual([])
    })
  })

  describe('claim', () => {
    test('takes by destination, oldest due first, never what is not due', async () => {
      const dues = [5, 3, 4, 1, 2, 99].map((offset) => acceptanceOf({ dueAt: NOW + offset }))
      const elsewhere = acceptanceOf({ to: ['bob@two.example'] })
      await Promise.all([...dues, elsewhere].map((one) => store.queue.accept(one)))
      const first = await claimOf(ONE, 3, NOW + 10)
      const ids = dues.map(firstDelivery)
      expect(first.map((one) => one.id)).toEqual([3, 4, 1].flatMap((index) => ids[index] ?? []))
      const rest = await claimOf(ONE, 10, NOW + 10)
      expect(rest.map((one) => one.id)).toEqual([2, 0].flatMap((index) => ids[index] ?? []))
      expect(await claimOf(ONE, 10, NOW + 10)).toEqual([])
      expect(await store.queue.nextDueAt()).toBe(NOW)
    })

    test('gives all that an attempt needs', async () => {
      const wishes = { requireTls: true, envid: 'QQ1' } as const
      const acceptance = acceptanceOf({ message: { mode: 'test', campaign: 'spring', pool: 'shop', wishes } })
      await store.queue.accept(acceptance)
      const { message } = acceptance
      const line = lineTo(ONE, message)
      expect(await store.queue.claim([{ line, limit: 9 }], NOW, HOLDER)).toEqual([
        {
          id: firstDelivery(acceptance),
          messageId: message.id,
          accountId: message.accountId,
          contentId: message.contentId,
          recipient: mailboxNamed('ann@one.example'),
          destination: ONE,
          reversePath: message.reversePath,
          signingDomain: message.signingDomain,
          mode: 'test',
          stream: message.stream,
          tags: message.tags,
          custom: message.custom,
          attempts: 0,
          lastSource: null,
          createdAt: message.createdAt,
          expiresAt: message.expiresAt,
          size: message.size,
          campaign: 'spring',
          pool: 'shop',
          wishes: { requireTls: true, envid: 'QQ1' },
          dsn: null,
        },
      ])
    })

    test('two that claim at once never get the same', async () => {
      await Promise.all(Array.from({ length: 60 }, () => store.queue.accept(acceptanceOf())))
      const other = { node: 'n2', boot: 'x' }
      const taken = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          store.queue.claim([{ line: lineTo(ONE), limit: 10 }], NOW, index % 2 ? other : HOLDER),
        ),
      )
      const ids = taken.flat().map((one) => one.id)
      expect(ids).toHaveLength(60)
      expect(new Set(ids).size).toBe(60)
    })
  })

  describe('settle', () => {
    test('an answer is kept with its attempt and its event', async () => {
      const acceptance = acceptanceOf({ leased: true })
      await store.queue.accept(acceptance)
      const settlement = delivered(acceptance)
      expect(await store.queue.settle([settlement], HOLDER)).toEqual({
        ok: true,
        value: { settled: 1, stale: 0 },
      })
      const { id } = acceptance.message
      expect(await store.messages.deliveries(id)).toMatchObject([
        { state: 'delivered', attempts: 1, dueAt: null, finishedAt: NOW + 20 },
      ])
      expect(await store.messages.attempts(id)).toEqual([
        { deliveryId: settlement.deliveryId, ...attemptNumber(1, 'delivered') },
      ])
      expect(await store.messages.events(id)).toEqual([...acceptance.events, ...settlement.events])
    })

    test('a deferred one comes back when it is due', async () => {
      const acceptance = acceptanceOf({ leased: true })
      await store.queue.accept(acceptance)
      await store.queue.settle([deferred(acceptance, NOW + 60_000)], HOLDER)
      expect(await claimOf()).toEqual([])
      expect(await store.queue.nextDueAt()).toBe(NOW + 60_000)
      expect(await claimOf(ONE, 10, NOW + 60_000)).toMatchObject([
        { attempts: 1, lastSource: '198.51.100.9' },
      ])
    })

    test('one that goes back untried has no attempt more', async () => {
      const acceptance = acceptanceOf()
      await store.queue.accept(acceptance)
      await claimOf()
      const deliveryId = firstDelivery(acceptance)
      const back = { deliveryId, attempt: null, next: { state: 'queued', dueAt: NOW }, events: [] } as const
      await store.queue.settle([back], HOLDER)
      expect(await claimOf()).toMatchObject([{ id: deliveryId, attempts: 0 }])
    })

    test('whose lease is not his changes nothing', async () => {
      const mine = acceptanceOf({ leased: true })
      const unleased = acceptanceOf()
      await Promise.all([mine, unleased].map((one) => store.queue.accept(one)))
      const stale = await store.queue.settle([delivered(mine)], { ...HOLDER, boot: 'another' })
      expect(stale).toEqual({ ok: true, value: { settled: 0, stale: 1 } })
      const mixed = await store.queue.settle([delivered(mine), delivered(unleased)], HOLDER)
      expect(mixed).toEqual({ ok: true, value: { settled: 1, stale: 1 } })
      const twice = await store.queue.settle([delivered(mine)], HOLDER)
      expect(twice).toEqual({ ok: true, value: { settled: 0, stale: 1 } })
      expect(await store.messages.attempts(mine.message.id)).toHaveLength(1)
      expect(await store.messages.deliveries(unleased.message.id)).toMatchObject([{ state: 'queued' }])
    })

    test('a held one waits for a person', async () => {
      const acceptance = acceptanceOf({ leased: true, to: ['bob@two.example'] })
      await store.queue.accept(acceptance)
      const deliveryId = firstDelivery(acceptance)
      await store.queue.settle([{ deliveryId, attempt: null, next: { state: 'held' }, events: [] }], HOLDER)
      expect(await claimOf(TWO)).toEqual([])
      expect(await store.queue.overview(1)).toMatchObject({ waiting: 0, leased: 0, held: 1 })
    })
  })
}
