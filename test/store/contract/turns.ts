//
// Owns: what both engines promise of lines: nobody's flood stands before anybody else, what has expired is found, and a
// clock that was set back delays nobody.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import type { Place, Store } from '../../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  domainNamed,
  firstDelivery,
  HOLDER,
  lineTo,
  NOW,
  type Open,
  type Wish,
} from './samples.ts'

const ONE = domainNamed('one.example')
const account = (n: number) => `acc_${String(n).padStart(12, '0')}` as AccountId

export function turnsContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  })
  afterEach(() => store.close())
  const acceptAll = (wishes: readonly Wish[]) =>
    Promise.all(
      wishes.map(async (wish) => {
        const acceptance = acceptanceOf(wish)
        expect((await store.queue.accept(acceptance)).ok).toBe(true)
        return acceptance
      }),
    )
  const due = (limit = 10, busyMarketing: readonly string[] = [], busy: readonly string[] = []) =>
    store.queue.dueLines({ now: NOW, limit, busy: new Set(busy), busyMarketing: new Set(busyMarketing) })
  const route = (domains: readonly string[], provider: string) =>
    store.queue.assignProviders(domains.map((name) => ({ destination: domainNamed(name), provider })))

  describe('lines', () => {
    test('stream, account and campaign are apart', async () => {
      await acceptAll([
        {},
        {},
        { message: { stream: 'marketing', campaign: 'spring' } },
        { message: { stream: 'marketing', campaign: 'autumn' }, dueAt: NOW - 9 },
        { message: { accountId: account(2) } },
      ])
      const lines = await due()
      expect(lines[0]).toMatchObject({ rank: 0, destination: ONE, campaign: '', provider: '' })
      expect(
        lines
          .map(({ rank, account: of, campaign, waiting, nextDueAt }) => [
            rank,
            of,
            campaign,
            waiting,
            nextDueAt,
          ])
          .sort(),
      ).toEqual([
        [0, ACCOUNT, '', 2, NOW],
        [0, account(2), '', 1, NOW],
        [1, ACCOUNT, 'autumn', 1, NOW - 9],
        [1, ACCOUNT, 'spring', 1, NOW],
      ])
      const spring = lines.find((line) => line.campaign === 'spring')
      expect(spring?.id).toBe(lineTo(ONE, { stream: 'marketing', campaign: 'spring' }))
      const claimed = await store.queue.claim(
        lines.map(({ id }) => ({ line: id, limit: 9 })),
        NOW,
        HOLDER,
      )
      expect(claimed.length).toBe(5)
      expect(await due()).toEqual([])
    })

    test('a provider that is busy for marketing takes the rest', async () => {
      await acceptAll([{}, { message: { stream: 'marketing' } }])
      await route([ONE], 'big')
      expect((await due(10, ['big'])).map((line) => line.rank)).toEqual([0])
      expect(await due(10, [], ['big'])).toEqual([])
      expect((await due()).map((line) => line.rank)).toEqual([0, 1])
    })

    test('a crowd of one campaign hides no other tenant, campaign or rank', async () => {
      const crowd = Array.from({ length: 700 }, (_, i) => `d${i}.example`)
      const campaign: Wish['message'] = { stream: 'marketing', campaign: 'm' }
      await acceptAll(crowd.map((name) => ({ to: [`a@${name}`], dueAt: NOW - 1000, message: campaign })))
      await route(crowd, 'big')
      await acceptAll([
        { to: ['x@d0.example'] },
        { to: ['x@d1.example'], message: { stream: 'marketing', campaign: 'a' } },
        { to: ['x@d2.example'], message: { stream: 'marketing', campaign: 'z' } },
        { to: ['x@d3.example'], message: { stream: 'marketing', campaign: 'm', accountId: account(2) } },
        { to: ['x@d4.example'], message: { accountId: account(3) } },
      ])
      const seen = new Set<string>()
      for (let call = 0; call < 4; call++) {
        const lines = await due(12)
        expect(lines.length).toBe(12)
        expect(lines[0]?.rank).toBe(0)
        for (const line of lines) seen.add(`${line.rank} ${line.account} ${line.campaign}`)
      }
      expect([...seen].sort()).toEqual([
        `0 ${ACCOUNT} `,
        `0 ${account(3)} `,
        `1 ${ACCOUNT} a`,
        `1 ${ACCOUNT} m`,
        `1 ${ACCOUNT} z`,
        `1 ${account(2)} m`,
      ])
    })

    test('more tenants than fit in one answer all get their turn', async () => {
      await acceptAll(
        Array.from({ length: 90 }, (_, i) => ({ message: { accountId: account(i), campaign: `c${i}` } })),
      )
      await route([ONE], 'big')
      const seen = new Map<string, number>()
      for (let call = 0; call < 90; call++) {
        for (const line of await due(10)) seen.set(line.account, (seen.get(line.account) ?? 0) + 1)
      }
      expect(seen.size).toBe(90)
      expect(Math.max(...seen.values())).toBeLessThan(3 * Math.min(...seen.values()))
    })

    test('a line comes back after its row was removed', async () => {
      const [first] = await acceptAll([
        { leased: true, message: { stream: 'marketing', campaign: 'spring' } },
      ])
      await acceptAll([{ message: { stream: 'marketing', campaign: 'spring' } }])
      const line = lineTo(ONE, { stream: 'marketing', campaign: 'spring' })
      expect(await store.queue.claim([{ line, limit: 9 }], NOW, HOLDER)).toHaveLength(1)
      await store.upkeep.retain({
        contentBefore: 0,
        attemptsBefore: 0,
        eventsBefore: 0,
        idempotencyBefore: 0,
        waysOutBefore: 0,
      })
      if (!first) throw new Error('nothing accepted')
      const back = { deliveryId: firstDelivery(first), attempt: null, events: [] }
      await store.queue.settle([{ ...back, next: { state: 'queued', dueAt: NOW } }], HOLDER)
      expect(await due()).toMatchObject([{ id: line, campaign: 'spring', rank: 1, waiting: 1 }])
    })
  })

  describe('what waits too long', () => {
    test('is found and claimed by name, page by page, and nothing else is', async () => {
      const old = { message: { expiresAt: NOW - 1, createdAt: NOW - 9000 } }
      const [first, , second] = await acceptAll([
        { ...old, dueAt: NOW - 500 },
        {},
        { ...old, to: ['b@two.example'], dueAt: NOW },
        // Not due: whoever made it wait said until when.
        { ...old, dueAt: NOW + 1 },
      ])
      const found: Place[] = []
      let after: Place | null = null
      do {
        const page: Awaited<ReturnType<typeof store.queue.expired>> = await store.queue.expired({
          now: NOW,
          after,
        })
        found.push(...page.found)
        after = page.next
      } while (after)
      if (!first || !second) throw new Error('nothing accepted')
      expect(found.map((place) => place.deliveryId).sort()).toEqual([
        firstDelivery(first),
        firstDelivery(second),
      ])
      const claimed = await store.queue.claim(found, NOW, HOLDER)
      expect(claimed.map((one) => one.id).sort()).toEqual([firstDelivery(first), firstDelivery(second)])
      expect(await store.queue.claim(found, NOW, HOLDER)).toEqual([])
      expect(await store.queue.overview(5)).toMatchObject({ waiting: 2, leased: 2 })
    })
  })

  describe('a clock that was set back', () => {
    test('brings due times as much nearer, but none into the past', async () => {
      const DAY = 86_400_000
      const offsets = [-5, 0, 10, DAY - 1, DAY + 300]
      await acceptAll(offsets.map((offset) => ({ dueAt: NOW + offset })))
      expect(await store.queue.bringForward(NOW, DAY)).toBe(3)
      const lines = await due()
      expect(lines).toMatchObject([{ waiting: 5, nextDueAt: NOW - 5 }])
      expect(await store.queue.claim([{ line: lineTo(ONE), limit: 9 }], NOW, HOLDER)).toHaveLength(4)
      expect(await store.queue.nextDueAt()).toBe(NOW + 300)
    })
  })
}
