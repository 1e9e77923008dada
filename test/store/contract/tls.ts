//
// Owns: what both engines promise of MTA-STS policies and of TLS tallies.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Store } from '../../../src/store/store.ts'
import type { StoredStsPolicy, TlsTally } from '../../../src/store/tls-store.ts'
import { NOW, type Open } from './samples.ts'

const DAY = 86_400_000
const DONE = { ok: true, value: undefined } as const

const policyOf = (over: Partial<StoredStsPolicy> = {}): StoredStsPolicy => ({
  domain: 'example.net',
  policyId: '20260101',
  mode: 'enforce',
  body: 'version: STSv1\r\nmode: enforce\r\nmx: mx.example.net\r\nmax_age: 604800\r\n',
  fetchedAt: NOW,
  expiresAt: NOW + 7 * DAY,
  ...over,
})

const tallyOf = (over: Partial<TlsTally> = {}): TlsTally => ({
  day: 20_000,
  domain: 'example.net',
  policy: { type: 'sts', strings: ['version: STSv1', 'mode: enforce'], mxHosts: ['mx.example.net'] },
  resultType: null,
  mx: 'mx.example.net',
  address: '192.0.2.1',
  source: '198.51.100.1',
  detail: '',
  count: 1,
  ...over,
})

export function tlsContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  describe('MTA-STS policies', () => {
    test('come back as they were kept; a newer one takes the place of the older', async () => {
      expect(await store.tls.stsPolicy('example.net')).toBeNull()
      expect(await store.tls.keepStsPolicy(policyOf())).toEqual(DONE)
      expect(await store.tls.stsPolicy('example.net')).toEqual(policyOf())
      const next = policyOf({
        policyId: '2',
        mode: 'testing',
        body: 'b',
        fetchedAt: NOW + 1,
        expiresAt: NOW + 9,
      })
      expect(await store.tls.keepStsPolicy(next)).toEqual(DONE)
      expect(await store.tls.stsPolicy('example.net')).toEqual(next)
    })

    test('are ageing from half of their life to its end', async () => {
      for (const [domain, days] of [
        ['week.test', 7],
        ['day.test', 1],
        ['year.test', 365],
      ] as const) {
        await store.tls.keepStsPolicy(policyOf({ domain, expiresAt: NOW + days * DAY }))
      }
      const ageing = async (at: number, limit = 10): Promise<readonly string[]> =>
        (await store.tls.ageingStsPolicies(at, limit)).map((policy) => policy.domain)
      expect(await ageing(NOW + DAY / 2 - 1)).toEqual([])
      expect(await ageing(NOW + DAY / 2)).toEqual(['day.test'])
      expect(await ageing(NOW + DAY)).toEqual([])
      expect(await ageing(NOW + 4 * DAY)).toEqual(['week.test'])
      await store.tls.keepStsPolicy(policyOf({ domain: 'six.test', expiresAt: NOW + 6 * DAY }))
      expect(await ageing(NOW + 4 * DAY)).toEqual(['six.test', 'week.test'])
      expect(await ageing(NOW + 4 * DAY, 1)).toEqual(['six.test'])
    })

    test('go when they have been over for long', async () => {
      await store.tls.keepStsPolicy(policyOf())
      await store.tls.dropStsPolicies(NOW + 7 * DAY)
      expect(await store.tls.stsPolicy('example.net')).not.toBeNull()
      await store.tls.dropStsPolicies(NOW + 7 * DAY + 1)
      expect(await store.tls.stsPolicy('example.net')).toBeNull()
    })
  })

  describe('TLS tallies', () => {
    const failed = tallyOf({ resultType: 'certificate-expired', detail: 'over since yesterday', count: 2 })

    test('add up by everything that is told apart', async () => {
      expect(await store.tls.addTallies([tallyOf(), failed])).toEqual(DONE)
      expect(
        await store.tls.addTallies([tallyOf({ count: 5 }), { ...failed, detail: 'other words' }]),
      ).toEqual(DONE)
      await store.tls.addTallies([tallyOf({ address: '192.0.2.2' }), tallyOf({ day: 20_001 })])
      expect(await store.tls.tallies(20_000, 'example.net')).toEqual([
        tallyOf({ count: 6 }),
        tallyOf({ address: '192.0.2.2' }),
        { ...failed, count: 4 },
      ])
    })

    test('are found by day and domain, and go by day', async () => {
      await store.tls.addTallies([tallyOf(), tallyOf({ domain: 'a.test' }), tallyOf({ day: 20_001 })])
      expect(await store.tls.talliedDomains(20_000)).toEqual(['a.test', 'example.net'])
      await store.tls.dropTallies(20_001)
      expect(await store.tls.talliedDomains(20_000)).toEqual([])
      expect(await store.tls.talliedDomains(20_001)).toEqual(['example.net'])
    })

    test('go by domain once they were reported', async () => {
      await store.tls.addTallies([tallyOf(), tallyOf({ domain: 'a.test' }), tallyOf({ day: 20_001 })])
      await store.tls.dropTalliesOf(20_000, 'example.net')
      expect(await store.tls.talliedDomains(20_000)).toEqual(['a.test'])
      expect(await store.tls.talliedDomains(20_001)).toEqual(['example.net'])
    })

    test('none is nothing to do', async () => {
      expect(await store.tls.addTallies([])).toEqual(DONE)
    })
  })
}
