import { expect, test } from 'bun:test'
import { fault, ok } from '../../../src/core/result.ts'
import { type Found, planFrom, type RoutingRules, routeFrom } from '../../../src/services/routing/mx.ts'

const NOW = 1_000_000
const RULES: RoutingRules = {
  families: ['ipv4', 'ipv6'],
  allowPrivateDestinations: false,
  ownAddresses: new Set(),
  port: 25,
}
const steady = { now: NOW, dice: () => 0.999 }

const answer = <Value>(records: readonly Value[], ttl = 300): Found<Value> =>
  ok({ records, ttl, authentic: false })

test.each([
  ['mx', 0, 5],
  ['mx', 40, 40],
  ['mx', 86_400, 3600],
  ['implicit-mx', 86_400, 300],
] as const)('an %s route with a TTL of %i s is valid for %i s', (kind, ttl, seconds) => {
  const mx =
    kind === 'mx' ? answer([{ preference: 1, exchange: 'example.com' }], 100_000) : fault('nodata' as const)
  const plan = planFrom('example.com', mx, steady)
  if (!('exchanges' in plan)) throw new Error('want hosts')
  const route = routeFrom(plan, new Map([['example.com', answer(['8.8.8.8'], ttl)]]), RULES, steady)
  expect(route.validUntil).toBe(NOW + seconds * 1000)
})
