import { expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import type { AccountId } from '../../../src/core/ids.ts'
import { type PoolFacts, type PoolRule, poolFor } from '../../../src/services/sources/pools.ts'

const rule = (name: string, of: Partial<PoolRule>): PoolRule => ({
  name,
  domains: [],
  accounts: [],
  streams: [],
  ...of,
})
const RULES = [
  rule('bulk', { streams: ['marketing'] }),
  rule('gold', { accounts: ['acc_gold' as AccountId] }),
  rule('shop', { domains: ['shop.example'] }),
]
const FACTS: PoolFacts = {
  pool: null,
  signingDomain: 'a.example' as Domain,
  accountId: 'acc_a' as AccountId,
  stream: 'transactional',
}
const gold = { accountId: 'acc_gold' as AccountId }
const shop = { signingDomain: 'shop.example' as Domain }

test.each([
  [{}, 'default'],
  [{ stream: 'marketing' }, 'bulk'],
  [{ ...gold, stream: 'marketing' }, 'gold'],
  [{ ...shop, ...gold, stream: 'marketing' }, 'shop'],
  [{ signingDomain: 'news.shop.example' as Domain }, 'shop'],
  [{ signingDomain: 'myshop.example' as Domain }, 'default'],
  [{ pool: 'gold', ...shop }, 'gold'],
  [{ pool: 'default', ...shop }, 'default'],
  [{ pool: 'gone', ...shop }, 'shop'],
] as const)('%p leaves from pool %p', (of, want) => {
  expect(poolFor({ ...FACTS, ...of }, RULES)).toBe(want)
})

test('without pools everything is the default', () => {
  expect(poolFor({ ...FACTS, pool: 'bulk', stream: 'marketing' }, [])).toBe('default')
})
