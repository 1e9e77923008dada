import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import type { Route } from '../../../src/core/route.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { chooseServers } from '../../../src/net/dns/servers.ts'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { systemClock } from '../../../src/ops/clock.ts'
import { matches, RelayRoutes, Relays, type Smarthost } from '../../../src/services/routing/relay.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'
import { until } from '../../support/until.ts'

let dns: FakeDns
let resolver: StubResolver
let clock: HandClock

beforeAll(async () => {
  dns = await startDns({
    'one.relay.test': { A: ['10.0.0.1'], ttl: 60 },
    'two.relay.test': { A: ['10.0.0.2'] },
  })
})
beforeEach(() => {
  clock = handClock()
  resolver?.close()
  const servers = chooseServers([dns.address], '')
  if (!servers.ok) throw new Error(servers.error)
  // Remembers nothing: what is remembered here is the relays' own matter.
  resolver = new StubResolver({ servers: servers.value, clock: systemClock(), cacheEntries: 0 })
})
afterAll(async () => {
  resolver.close()
  await dns.close()
})

const smarthost = (of: Partial<Smarthost>): Smarthost => ({
  host: 'one.relay.test',
  port: 587,
  username: '',
  password: '',
  tls: 'starttls',
  verify: true,
  domains: [],
  ...of,
})
const ONE = smarthost({})
const TWO = smarthost({ host: 'two.relay.test', port: 465, tls: 'tls', username: 'me', password: 'word' })

const relaysOf = (relays: readonly Smarthost[], domains: readonly string[] = []): Relays =>
  new Relays({ relays, domains, families: ['ipv4'], resolver, clock })
const TO = 'example.net' as Domain

test('the first serves, at whatever private address, with its credentials and its TLS', async () => {
  const relays = relaysOf([TWO, ONE])
  await relays.start()
  expect(relays.peek(TO)).toMatchObject({
    name: 'relay:two.relay.test',
    auth: { username: 'me', password: 'word' },
    implicitTls: true,
    route: {
      provider: 'relay:two.relay.test',
      port: 465,
      tls: { kind: 'verified' },
      hosts: [{ exchange: 'two.relay.test', addresses: ['10.0.0.2'] }],
    },
  })
  const kinds = [ONE, smarthost({ verify: false }), smarthost({ tls: 'none', host: '10.0.0.9' })].map(
    async (one) => {
      const found = await relaysOf([one]).find(TO)
      return found?.route.tls.kind
    },
  )
  expect(await Promise.all(kinds)).toEqual(['verified', 'required', 'none'])
})

test('one that cannot be reached is left alone for a minute', async () => {
  const relays = relaysOf([ONE, TWO])
  await relays.start()
  expect(relays.failed('relay:one.relay.test', TO)).toBe(true)
  expect(relays.peek(TO)?.name).toBe('relay:two.relay.test')
  expect(relays.failed('relay:two.relay.test', TO)).toBe(false)
  expect(relays.peek(TO)?.name).toBe('relay:one.relay.test')
  clock.advance(MINUTE)
  expect(relays.peek(TO)?.name).toBe('relay:one.relay.test')
})

test('one whose name the DNS does not give is passed over, and asked for again', async () => {
  const relays = relaysOf([smarthost({ host: 'away.relay.test' }), TWO])
  expect((await relays.find(TO))?.name).toBe('relay:two.relay.test')
  dns.set('away.relay.test', { A: ['10.0.0.7'] })
  clock.advance(16 * SECOND)
  relays.peek(TO)
  await until('it is known', () => relays.peek(TO)?.name === 'relay:away.relay.test')
})

test('an address that moved is followed, and serves until then', async () => {
  const relays = relaysOf([ONE])
  const before = await relays.find(TO)
  dns.set('one.relay.test', { A: ['10.0.0.3'], ttl: 60 })
  clock.advance(MINUTE + SECOND)
  expect(relays.peek(TO)).toBe(before)
  await until('it moved', () => relays.peek(TO)?.route.hosts[0]?.addresses[0] === '10.0.0.3')
})

test('domains choose among them; two at one host are told apart', async () => {
  const relays = relaysOf([
    smarthost({ domains: ['example.org'] }),
    smarthost({ port: 2525, domains: ['.example.org'] }),
    TWO,
  ])
  await relays.start()
  expect(relays.peek('example.org')?.name).toBe('relay:one.relay.test:587')
  expect(relays.peek('sub.example.org')?.name).toBe('relay:one.relay.test:2525')
  expect(relays.peek(TO)?.name).toBe('relay:two.relay.test')
  expect([relays.isNamed('example.org'), relays.isNamed(TO)]).toEqual([true, false])
})

test.each([
  ['example.net', ['example.net'], true],
  ['sub.example.net', ['example.net'], false],
  ['sub.example.org', ['.example.org'], true],
  ['example.org', ['.example.org'], false],
  ['badexample.org', ['.example.org'], false],
  ['example.net', [], false],
] as const)('%s within %p: %p', (domain, patterns, want) => {
  expect(matches(domain, patterns)).toBe(want)
})

test('routes: everything by relay, or what is named, and never a verdict on the recipient', async () => {
  const route: Route = { kind: 'null-mx', domain: TO, validUntil: 0 }
  const direct = { peek: () => route, find: async () => route }
  const relays = relaysOf([ONE], ['example.org'])
  const all = new RelayRoutes({ relays, clock, direct: null })
  expect(all.peek(TO)).toBeNull()
  expect(await all.find(TO)).toMatchObject({ provider: 'relay:one.relay.test' })
  expect(all.peek(TO)).toMatchObject({ provider: 'relay:one.relay.test' })
  const some = new RelayRoutes({ relays, clock, direct })
  expect([some.peek(TO), await some.find(TO)]).toEqual([route, route])
  expect(some.peek('example.org' as Domain)).toMatchObject({ provider: 'relay:one.relay.test' })
  const away = relaysOf([smarthost({ host: 'nobody.relay.test' })])
  expect(await new RelayRoutes({ relays: away, clock, direct: null }).find(TO)).toMatchObject({
    kind: 'unresolved',
    answer: 'servfail',
  })
})
