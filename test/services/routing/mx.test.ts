import { describe, expect, test } from 'bun:test'
import { fault, ok } from '../../../src/core/result.ts'
import type { Route } from '../../../src/core/route.ts'
import type { LookupFault } from '../../../src/net/dns/resolver.ts'
import { type Found, planFrom, type RoutingRules, routeFrom } from '../../../src/services/routing/mx.ts'

const NOW = 1_000_000
const OURS = '9.9.9.9'
const RULES: RoutingRules = {
  families: ['ipv4', 'ipv6'],
  allowPrivateDestinations: false,
  ownAddresses: new Set([OURS]),
  port: 25,
}
const steady = { now: NOW, dice: () => 0.999 }

type MxTable = readonly (readonly [number, string])[] | LookupFault
type Hosts = Readonly<Record<string, readonly string[] | LookupFault>>

const answer = <Value>(records: readonly Value[], ttl = 300): Found<Value> =>
  ok({ records, ttl, authentic: false })

function routed(mx: MxTable, hosts: Hosts = {}, rules: Partial<RoutingRules> = {}, chance = steady): Route {
  const question =
    typeof mx === 'string'
      ? fault(mx)
      : answer(mx.map(([preference, exchange]) => ({ preference, exchange })))
  const plan = planFrom('example.com', question, chance)
  if (!('exchanges' in plan)) return plan
  const found = new Map<string, Found<string>>()
  for (const [name, addresses] of Object.entries(hosts)) {
    found.set(name, typeof addresses === 'string' ? fault(addresses) : answer(addresses))
  }
  return routeFrom(plan, found, { ...RULES, ...rules }, chance)
}

/** `a.example=8.8.8.8,8.8.4.4 b.example=…`, or the end without hosts. */
const brief = (route: Route): string => {
  if ('hosts' in route) {
    const hosts = route.hosts.map(({ exchange, addresses }) => `${exchange}=${addresses.join(',')}`)
    return `${route.kind} ${hosts.join(' ')}`
  }
  return route.kind === 'null-mx' ? 'null-mx' : route.answer
}

describe('every fork (RFC 5321 §5.1, RFC 7505)', () => {
  test.each<[string, MxTable, Hosts, string]>([
    ['one host', [[10, 'a.example']], { 'a.example': ['8.8.8.8'] }, 'mx a.example=8.8.8.8'],
    [
      'lowest preference first',
      [
        [20, 'a.example'],
        [10, 'b.example'],
      ],
      { 'a.example': ['8.8.8.8'], 'b.example': ['8.8.4.4'] },
      'mx b.example=8.8.4.4 a.example=8.8.8.8',
    ],
    [
      'a name twice counts once, at its best',
      [
        [20, 'a.example'],
        [15, 'b.example'],
        [10, 'a.example'],
      ],
      { 'a.example': ['8.8.8.8'], 'b.example': ['8.8.4.4'] },
      'mx a.example=8.8.8.8 b.example=8.8.4.4',
    ],
    ['null MX', [[0, '']], {}, 'null-mx'],
    ['null MX with a preference', [[10, '']], {}, 'null-mx'],
    [
      '"." beside a real host is ignored',
      [
        [0, ''],
        [10, 'a.example'],
      ],
      { 'a.example': ['8.8.8.8'] },
      'mx a.example=8.8.8.8',
    ],
    [
      'NODATA: the domain itself',
      'nodata',
      { 'example.com': ['8.8.8.8'] },
      'implicit-mx example.com=8.8.8.8',
    ],
    ['NODATA, and no address', 'nodata', { 'example.com': 'nodata' }, 'no-address'],
    ['NODATA, and the address says NXDOMAIN', 'nodata', { 'example.com': 'nxdomain' }, 'nxdomain'],
    ['NODATA, and the address fails for now', 'nodata', { 'example.com': 'servfail' }, 'servfail'],
    ['NODATA, and the address is silent', 'nodata', { 'example.com': 'timeout' }, 'timeout'],
    ['NODATA, and a private address', 'nodata', { 'example.com': ['10.0.0.1'] }, 'private-address'],
    ['NXDOMAIN', 'nxdomain', {}, 'nxdomain'],
    ['SERVFAIL: never the domain itself', 'servfail', { 'example.com': ['8.8.8.8'] }, 'servfail'],
    ['silence', 'timeout', { 'example.com': ['8.8.8.8'] }, 'timeout'],
    [
      'an IP address as exchange is ignored',
      [
        [10, '8.8.8.8'],
        [20, 'a.example'],
      ],
      { '8.8.8.8': ['8.8.8.8'], 'a.example': ['8.8.4.4'] },
      'mx a.example=8.8.4.4',
    ],
    [
      'only IP addresses: no way, and not the domain itself',
      [[10, '8.8.8.8']],
      { 'example.com': ['8.8.4.4'] },
      'no-address',
    ],
    [
      'names that are none are ignored',
      [
        [10, 'a b.example'],
        [10, 'localhost'],
        [20, 'a.example'],
      ],
      { 'a.example': ['8.8.8.8'] },
      'mx a.example=8.8.8.8',
    ],
    [
      'a host without address is passed over',
      [
        [10, 'a.example'],
        [20, 'b.example'],
      ],
      { 'a.example': 'nxdomain', 'b.example': ['8.8.8.8'] },
      'mx b.example=8.8.8.8',
    ],
    [
      'a host that fails for now is passed over',
      [
        [10, 'a.example'],
        [20, 'b.example'],
      ],
      { 'a.example': 'servfail', 'b.example': ['8.8.8.8'] },
      'mx b.example=8.8.8.8',
    ],
    [
      'no host has an address',
      [
        [10, 'a.example'],
        [20, 'b.example'],
      ],
      { 'a.example': 'nxdomain', 'b.example': 'nodata' },
      'no-address',
    ],
    [
      'no address, but one may come',
      [
        [10, 'a.example'],
        [20, 'b.example'],
      ],
      { 'a.example': 'nxdomain', 'b.example': 'timeout' },
      'timeout',
    ],
    [
      'private, but another may come',
      [
        [10, 'a.example'],
        [20, 'b.example'],
      ],
      { 'a.example': ['127.0.0.1'], 'b.example': 'servfail' },
      'servfail',
    ],
    [
      'all private',
      [
        [10, 'a.example'],
        [20, 'b.example'],
      ],
      { 'a.example': ['127.0.0.1'], 'b.example': ['::1', 'fe80::1'] },
      'private-address',
    ],
    [
      'private ones are taken out',
      [[10, 'a.example']],
      { 'a.example': ['127.0.0.1', '8.8.8.8', '::ffff:8.8.8.8'] },
      'mx a.example=8.8.8.8',
    ],
    [
      'we are the best MX',
      [
        [10, 'us.example'],
        [20, 'b.example'],
      ],
      { 'us.example': [OURS], 'b.example': ['8.8.8.8'] },
      'own-address',
    ],
    [
      'we are a backup: only better hosts',
      [
        [10, 'a.example'],
        [20, 'us.example'],
        [20, 'c.example'],
        [30, 'b.example'],
      ],
      { 'a.example': ['8.8.8.8'], 'us.example': [OURS], 'b.example': ['8.8.4.4'], 'c.example': ['8.8.4.5'] },
      'mx a.example=8.8.8.8',
    ],
    [
      'we are a backup, and the better host fails for now',
      [
        [10, 'a.example'],
        [20, 'us.example'],
      ],
      { 'a.example': 'servfail', 'us.example': [OURS] },
      'servfail',
    ],
    [
      'we are a backup, and the worse host fails for now',
      [
        [10, 'us.example'],
        [20, 'b.example'],
      ],
      { 'us.example': [OURS], 'b.example': 'servfail' },
      'own-address',
    ],
    ['ours in disguise', 'nodata', { 'example.com': [`::ffff:${OURS}`] }, 'own-address'],
    [
      'IPv4 before IPv6, as this node wants it',
      [[10, 'a.example']],
      { 'a.example': ['2a00::1', '8.8.8.8'] },
      'mx a.example=8.8.8.8,2a00::1',
    ],
  ])('%s', (_what, mx, hosts, want) => {
    expect(brief(routed(mx, hosts))).toBe(want)
  })

  test.each<[Partial<RoutingRules>, string]>([
    [{ families: ['ipv6', 'ipv4'] }, 'mx a.example=2a00::1,8.8.8.8'],
    [{ families: ['ipv6'] }, 'mx a.example=2a00::1'],
    [{ allowPrivateDestinations: true }, 'mx a.example=8.8.8.8,10.0.0.1,2a00::1'],
  ])('rules %p', (rules, want) => {
    const hosts = { 'a.example': ['8.8.8.8', '10.0.0.1', '2a00::1', '0.0.0.0', '::ffff:127.0.0.1'] }
    expect(brief(routed([[10, 'a.example']], hosts, rules))).toBe(want)
  })
})

test('a host without an address of our families has none', () => {
  const route = routed([[10, 'a.example']], { 'a.example': ['8.8.8.8'] }, { families: ['ipv6'] })
  expect(brief(route)).toBe('no-address')
})

describe('bounds', () => {
  test('a thousand MX records come to five hosts', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `mx${i}.example`)
    const route = routed(
      names.map((name) => [10, name]),
      Object.fromEntries(names.map((name) => [name, ['8.8.8.8']])),
    )
    expect('hosts' in route && route.hosts.length).toBe(5)
  })

  test('a host with hundreds of addresses comes to eight', () => {
    const route = routed([[10, 'a.example']], {
      'a.example': Array.from({ length: 250 }, (_, i) => `8.8.4.${i}`),
    })
    expect('hosts' in route && route.hosts[0]?.addresses.length).toBe(8)
  })
})

describe('chance', () => {
  test('equal preferences are spread evenly, others keep their order', () => {
    const counts: Record<string, number> = {}
    const steps = 60
    for (let i = 0; i < steps ** 2; i++) {
      const throws = [0, (i % steps) / steps, Math.floor(i / steps) / steps, 0]
      const dice = (): number => throws.shift() ?? 0
      const plan = planFrom(
        'example.com',
        answer([
          { preference: 10, exchange: 'a.example' },
          { preference: 10, exchange: 'b.example' },
          { preference: 10, exchange: 'c.example' },
          { preference: 5, exchange: 'first.example' },
        ]),
        { now: NOW, dice },
      )
      const order = 'exchanges' in plan ? plan.exchanges.map((mx) => mx.exchange) : []
      expect(order[0]).toBe('first.example')
      const key = order.slice(1).join(' ')
      counts[key] = (counts[key] ?? 0) + 1
    }
    expect(Object.values(counts)).toEqual(Array.from({ length: 6 }, () => steps ** 2 / 6))
  })
})

test.each<[string, MxTable, Hosts, number]>([
  ['by the shortest TTL', [[10, 'a.example']], { 'a.example': ['8.8.8.8'] }, 300],
  ['for a minute after NXDOMAIN', 'nxdomain', {}, 60],
  ['for half a minute after SERVFAIL', 'servfail', {}, 30],
  ['for half a minute after silence', 'timeout', {}, 30],
  ['by its TTL when it is a null MX', [[0, '']], {}, 300],
])('valid %s', (_what, mx, hosts, seconds) => {
  expect(routed(mx, hosts).validUntil).toBe(NOW + seconds * 1000)
})
