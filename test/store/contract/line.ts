//
// Owns: what both engines promise of leases, of finding what is due, and of an operator's commands.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { AccountId, KeyId } from '../../../src/core/ids.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  deferred,
  delivered,
  domainNamed,
  firstDelivery,
  HOLDER,
  ids,
  lineTo,
  NOW,
  type Open,
} from './samples.ts'

const ONE = domainNamed('one.example')
const TWO = domainNamed('two.example')
const LATER = NOW + 60_000

export function lineContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, LATER)
  })
  afterEach(() => store.close())
  const acceptAll = (wishes: readonly Parameters<typeof acceptanceOf>[0][]) =>
    Promise.all(
      wishes.map(async (wish) => {
        const acceptance = acceptanceOf(wish)
        await store.queue.accept(acceptance)
        return acceptance
      }),
    )

  describe('leases', () => {
    test('a new boot of a node frees those of its earlier ones', async () => {
      const [acceptance] = await acceptAll([{ leased: true }, { leased: true, to: ['b@two.example'] }])
      const reborn = { ...HOLDER, boot: 'b2' }
      expect(await store.queue.heartbeat(reborn, NOW, LATER)).toEqual({ freed: 2, buried: true })
      expect(await store.queue.heartbeat(reborn, NOW, LATER)).toEqual({ freed: 0, buried: false })
      if (acceptance === undefined) throw new Error('nothing accepted')
      expect(await store.queue.settle([delivered(acceptance)], HOLDER)).toMatchObject({
        value: { settled: 0, stale: 1 },
      })
      const claimed = await store.queue.claim([{ line: lineTo(ONE), limit: 5 }], NOW, reborn)
      expect(claimed.map((one) => one.id)).toEqual([firstDelivery(acceptance)])
      expect(await store.queue.settle([delivered(acceptance)], reborn)).toMatchObject({
        value: { settled: 1, stale: 0 },
      })
    })

    test('another node waits for the end of a life, and the buried one learns of it', async () => {
      const brief = { node: 'n3', boot: 'b1' }
      const other = { node: 'n2', boot: 'x' }
      await acceptAll([{ leased: true, holder: brief }])
      expect(await store.queue.heartbeat(brief, NOW, LATER)).toEqual({ freed: 0, buried: false })
      expect(await store.queue.heartbeat(other, NOW, LATER)).toEqual({ freed: 0, buried: true })
      const short = { node: 'n4', boot: 'b1' }
      await store.queue.heartbeat(short, NOW, NOW)
      const [mail] = await acceptAll([{ leased: true, holder: short, to: ['c@two.example'] }])
      if (mail === undefined) throw new Error('nothing accepted')
      // Each engine by its own clock: PostgreSQL has one, SQLite is told.
      await Bun.sleep(5)
      expect(await store.queue.heartbeat(other, NOW + 5, LATER)).toEqual({ freed: 1, buried: false })
      expect(await store.queue.settle([delivered(mail)], short)).toMatchObject({ value: { stale: 1 } })
      expect(await store.queue.heartbeat(short, NOW + 6, LATER)).toEqual({ freed: 0, buried: true })
      expect(await store.queue.heartbeat(short, NOW + 7, LATER)).toEqual({ freed: 0, buried: false })
      expect(await store.queue.heartbeat(brief, NOW + 8, LATER)).toEqual({ freed: 0, buried: false })
    })

    test('more than fit in one commit come free, too', async () => {
      await acceptAll(
        Array.from({ length: 2300 }, (_, index) => ({ leased: true, to: [`u${index}@one.example`] })),
      )
      expect(await store.queue.heartbeat({ ...HOLDER, boot: 'b2' }, NOW, LATER)).toMatchObject({
        freed: 2300,
      })
      expect(await store.queue.overview(5)).toEqual({
        destinations: [{ destination: ONE, provider: '', nextDueAt: NOW, waiting: 2300, lastError: null }],
        waiting: 2300,
        leased: 0,
        held: 0,
        heldFor: [],
      })
    })
  })

  describe('due lines', () => {
    const dueOf = (busy: readonly string[] = [], limit = 10, now = NOW) =>
      store.queue.dueLines({ now, limit, busy: new Set(busy), busyMarketing: new Set() })
    const due = async (busy: readonly string[] = [], limit = 10, now = NOW) =>
      (await dueOf(busy, limit, now)).map((one) => one.destination)

    test('only what is due', async () => {
      await acceptAll([
        { to: ['a@two.example'], dueAt: NOW - 5 },
        { dueAt: NOW - 9 },
        { to: ['c@three.example'], dueAt: NOW + 1 },
      ])
      expect((await due()).sort()).toEqual([ONE, TWO])
      expect(await due([], 1)).toHaveLength(1)
      expect(await due([], 10, NOW - 100)).toEqual([])
    })

    test('those of busy providers are left out', async () => {
      await acceptAll([{}, { to: ['a@two.example'] }])
      await store.queue.assignProviders([
        { destination: ONE, provider: 'big.example' },
        { destination: TWO, provider: 'small.example' },
        { destination: domainNamed('unseen.example'), provider: 'big.example' },
      ])
      expect(await due(['big.example'])).toEqual([TWO])
      expect(await due(['big.example', 'small.example'])).toEqual([])
      const both = await dueOf()
      expect(both.map((one) => one.provider).sort()).toEqual(['big.example', 'small.example'])
    })

    test('a crowd of a busy provider hides nobody', async () => {
      const crowd = Array.from({ length: 700 }, (_, index) => domainNamed(`d${index}.crowd.example`))
      await acceptAll(crowd.map((domain) => ({ to: [`a@${domain}`], dueAt: NOW - 1000 })))
      await acceptAll([{ dueAt: NOW - 1 }, { to: ['a@two.example'], dueAt: NOW - 1 }])
      await store.queue.assignProviders(crowd.map((destination) => ({ destination, provider: 'crowd' })))
      await store.queue.assignProviders([{ destination: TWO, provider: 'small' }])
      const found = new Set<string>()
      for (let call = 0; call < 5; call += 1) for (const one of await due(['crowd'])) found.add(one)
      expect([...found].sort()).toEqual([ONE, TWO])
    })

    test('a crowd of busy providers hides nobody', async () => {
      const crowd = Array.from({ length: 1300 }, (_, index) => domainNamed(`d${index}.crowd.example`))
      await acceptAll(crowd.map((domain) => ({ to: [`a@${domain}`], dueAt: NOW - 1000 })))
      const accountId = 'acc_000000000002' as AccountId
      await acceptAll([{ dueAt: NOW - 1 }, { dueAt: NOW - 1, message: { accountId } }])
      const busy = crowd.map((destination) => ({ destination, provider: `mx.${destination}` }))
      await store.queue.assignProviders([...busy, { destination: ONE, provider: 'well' }])
      // Wherever the last walk ended.
      for (let call = 0; call < 3; call += 1) {
        const found = await dueOf(busy.map(({ provider }) => provider))
        expect(found.map((line) => line.account).sort()).toEqual([ACCOUNT, accountId])
      }
    })

    test('what was claimed or dropped is not due any more', async () => {
      await acceptAll([{}, { to: ['a@two.example'] }])
      await store.queue.claim([{ line: lineTo(ONE), limit: 10 }], NOW, HOLDER)
      expect(await due()).toEqual([TWO])
      await store.queue.drop({}, NOW, () => ids.event())
      expect(await due()).toEqual([])
      expect(await store.queue.nextDueAt()).toBeNull()
    })
  })

  describe('commands', () => {
    const states = async () => {
      const { waiting, leased, held } = await store.queue.overview(10)
      return { waiting, leased, held }
    }

    test('hold, release, drop move what matches and never what is leased', async () => {
      const [first, , leased] = await acceptAll([{}, { to: ['a@two.example'] }, { leased: true }])
      expect(await store.queue.command('hold', { destination: ONE }, NOW)).toBe(1)
      expect(await states()).toEqual({ waiting: 1, leased: 1, held: 1 })
      expect(await store.queue.command('release', {}, NOW + 5)).toBe(1)
      expect(await states()).toEqual({ waiting: 2, leased: 1, held: 0 })
      await store.queue.command('hold', { destination: TWO }, NOW)
      expect(await store.queue.drop({}, NOW + 6, () => ids.event())).toBe(2)
      expect(await states()).toEqual({ waiting: 0, leased: 1, held: 0 })
      if (first === undefined || leased === undefined) throw new Error('nothing accepted')
      expect(await store.messages.deliveries(first.message.id)).toMatchObject([
        { state: 'cancelled', dueAt: null, finishedAt: NOW + 6 },
      ])
      expect((await store.messages.events(first.message.id)).map(({ type, at }) => [type, at])).toEqual([
        ['email.queued', NOW],
        ['email.cancelled', NOW + 6],
      ])
      expect(await store.messages.deliveries(leased.message.id)).toMatchObject([{ state: 'queued' }])
    })

    test('retry makes due now what was due later', async () => {
      await acceptAll([{ dueAt: LATER }, { dueAt: LATER + 1 }, { to: ['a@two.example'], dueAt: LATER }])
      expect(await store.queue.command('retry', { destination: ONE }, NOW)).toBe(2)
      expect(await store.queue.claim([{ line: lineTo(ONE), limit: 9 }], NOW, HOLDER)).toHaveLength(2)
      expect(await store.queue.nextDueAt()).toBe(LATER)
    })

    test('filters by message, account and key', async () => {
      const key = 'key_000000000007' as KeyId
      const [first] = await acceptAll([
        { to: ['a@one.example', 'b@two.example'] },
        { message: { keyId: key } },
        {},
      ])
      if (first === undefined) throw new Error('nothing accepted')
      expect(await store.queue.command('hold', { messageId: first.message.id }, NOW)).toBe(2)
      expect(await store.queue.command('hold', { keyId: key }, NOW)).toBe(1)
      expect(await store.queue.command('release', { messageId: first.message.id }, NOW)).toBe(2)
      expect(await store.queue.command('hold', { accountId: first.message.accountId }, NOW)).toBe(3)
      expect(await states()).toEqual({ waiting: 0, leased: 0, held: 4 })
    })

    test('filters by provider, campaign and stream, of what waits and of what is held', async () => {
      const marketing = { stream: 'marketing', campaign: 'spring' } as const
      await acceptAll([
        {},
        { message: marketing },
        { message: { ...marketing, campaign: 'autumn' } },
        { to: ['a@two.example'], message: marketing },
      ])
      await store.queue.assignProviders([{ destination: ONE, provider: 'big' }])
      for (const [filter, count] of [
        [{ provider: 'big' }, 3],
        [{ provider: 'small' }, 0],
        [{ campaign: 'spring' }, 2],
        [{ stream: 'transactional' }, 1],
        [{ stream: 'marketing', destination: ONE }, 2],
        [{ provider: 'big', campaign: 'spring', accountId: ACCOUNT, stream: 'marketing' }, 1],
      ] as const) {
        expect([filter, await store.queue.command('hold', filter, NOW)]).toEqual([filter, count])
        expect([filter, await store.queue.command('release', filter, NOW)]).toEqual([filter, count])
      }
      expect(await store.queue.drop({ campaign: 'spring' }, NOW, () => ids.event())).toBe(2)
      expect(await states()).toEqual({ waiting: 2, leased: 0, held: 0 })
    })

    test('the overview tells what the receiver said the last time', async () => {
      const [first] = await acceptAll([{ leased: true }])
      if (first === undefined) throw new Error('nothing accepted')
      await store.queue.settle([deferred(first, LATER)], HOLDER)
      expect((await store.queue.overview(5)).destinations).toEqual([
        { destination: ONE, provider: '', nextDueAt: LATER, waiting: 1, lastError: '451 4.3.0 later' },
      ])
    })

    test('more than one chunk is moved, counts stay right', async () => {
      await acceptAll(Array.from({ length: 2100 }, (_, index) => ({ to: [`u@d${index % 7}.example`] })))
      expect(await store.queue.command('hold', {}, NOW)).toBe(2100)
      expect(await states()).toEqual({ waiting: 0, leased: 0, held: 2100 })
      expect(await store.queue.command('release', {}, NOW)).toBe(2100)
      const { destinations } = await store.queue.overview(100)
      expect(destinations.map((one) => one.waiting)).toEqual([300, 300, 300, 300, 300, 300, 300])
    })
  })
}
