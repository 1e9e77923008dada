import { afterEach, beforeEach, expect, test } from 'bun:test'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { Router, type RouterOptions } from '../../../src/services/routing/route.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'
import { until } from '../../support/until.ts'

let dns: FakeDns
let clock: HandClock
let resolver: StubResolver

beforeEach(async () => {
  dns = await startDns({
    'example.test': { MX: [[10, 'mx.example.test']], ttl: 100 },
    'mx.example.test': { A: ['8.8.8.8'], AAAA: ['2a00::1'], ttl: 100 },
    'implicit.test': { A: ['127.0.0.1'] },
    'alias.test': { CNAME: 'example.test' },
    'mx-alias.test': { MX: [[10, 'alias-of-mx.test']] },
    'alias-of-mx.test': { CNAME: 'mx.example.test' },
    'null.test': { MX: [[0, '.']] },
    'half.test': { fault: { A: 'servfail' }, AAAA: ['2a00::1'] },
  })
  clock = handClock()
  resolver = new StubResolver({ servers: [{ address: '127.0.0.1', port: dns.port }], clock })
})
afterEach(async () => {
  resolver.close()
  await dns.close()
})

const routerOf = (over: Partial<RouterOptions> = {}): Router =>
  new Router({
    resolver,
    clock,
    dice: () => 0.5,
    families: ['ipv4', 'ipv6'],
    allowPrivateDestinations: false,
    ownAddresses: [],
    port: 2525,
    ...over,
  })

test('a whole route: hosts, addresses, port, provider', async () => {
  expect(await routerOf().find('example.test')).toEqual({
    kind: 'mx',
    domain: 'example.test',
    provider: 'example.test',
    hosts: [{ exchange: 'mx.example.test', preference: 10, addresses: ['8.8.8.8', '2a00::1'] }],
    port: 2525,
    tls: { kind: 'opportunistic' },
    validUntil: clock.now() + 100_000,
  })
})

test.each([
  ['alias.test', 'mx'],
  ['mx-alias.test', 'mx'],
  ['null.test', 'null-mx'],
  ['implicit.test', 'unresolved'],
  ['missing.test', 'unresolved'],
])('%s is %s', async (domain, kind) => {
  expect((await routerOf().find(domain)).kind).toBe(kind as 'mx')
})

test('labs may send to loopback', async () => {
  const route = await routerOf({ allowPrivateDestinations: true, ownAddresses: ['127.0.0.1'] }).find(
    'implicit.test',
  )
  expect(route).toMatchObject({ kind: 'implicit-mx', hosts: [{ addresses: ['127.0.0.1'] }] })
})

test('our own address is a loop, however it is spelled', async () => {
  const router = routerOf({ ownAddresses: ['2A00:0::1'] })
  expect(await router.find('example.test')).toMatchObject({ kind: 'unresolved', answer: 'own-address' })
})

test('a node without IPv6 asks for no AAAA, and is not told that a failing A has none', async () => {
  const router = routerOf({ families: ['ipv4'] })
  expect(await router.find('half.test')).toMatchObject({ kind: 'unresolved', answer: 'servfail' })
  expect(dns.asked('half.test', 'AAAA')).toBe(0)
})

test('peek knows nothing before the first find, and the same object after it', async () => {
  const router = routerOf()
  expect(router.peek('example.test')).toBeNull()
  const route = await router.find('example.test')
  expect(router.peek('example.test')).toBe(route)
  clock.advance(99_999)
  expect(router.peek('example.test')).toBe(route)
})

test('one look-up for many who ask at once', async () => {
  const router = routerOf()
  const routes = await Promise.all(Array.from({ length: 20 }, () => router.find('example.test')))
  expect(new Set(routes).size).toBe(1)
})

test('a route that has just become old serves while it is looked up anew', async () => {
  const router = routerOf()
  const old = await router.find('example.test')
  dns.set('mx.example.test', { A: ['8.8.4.4'] })
  clock.advance(100_000)
  expect(router.peek('example.test')).toBe(old)
  await until('the new route is there', () => router.peek('example.test') !== old)
  expect(router.peek('example.test')).toMatchObject({ hosts: [{ addresses: ['8.8.4.4'] }] })
})

test('after the grace it is gone; so is a fault at once', async () => {
  const router = routerOf()
  await router.find('example.test')
  clock.advance(130_000)
  expect(router.peek('example.test')).toBeNull()
  dns.set('ill.test', { fault: 'servfail' })
  await router.find('ill.test')
  expect(router.peek('ill.test')).not.toBeNull()
  clock.advance(30_000)
  expect(router.peek('ill.test')).toBeNull()
})

test('SERVFAIL heals within a minute', async () => {
  const router = routerOf()
  dns.set('example.test', { fault: 'servfail' })
  expect(await router.find('example.test')).toMatchObject({ answer: 'servfail' })
  dns.set('example.test', { MX: [[10, 'mx.example.test']] })
  clock.advance(60_000)
  expect((await router.find('example.test')).kind).toBe('mx')
})

test('a clock that is set revives no route and kills none (F6)', async () => {
  const router = routerOf()
  const route = await router.find('example.test')
  clock.jump(86_400_000)
  expect(router.peek('example.test')).toBe(route)
  clock.jump(-2 * 86_400_000)
  clock.advance(130_000)
  expect(router.peek('example.test')).toBeNull()
})

test('the second five hosts are asked when the first have no address; then it is enough', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `h${i}.many.test`)
  dns.set('many.test', { MX: names.map((name, i) => [i, name]) })
  dns.set('h7.many.test', { A: ['8.8.8.8'] })
  const router = routerOf({ families: ['ipv4'] })
  expect(await router.find('many.test')).toMatchObject({ hosts: [{ exchange: 'h7.many.test' }] })
  expect(names.filter((name) => dns.asked(name) > 0)).toEqual(names.slice(0, 10))
})

test('it is bounded: the oldest route makes room', async () => {
  const router = routerOf({ entries: 2 })
  for (const domain of ['example.test', 'null.test', 'missing.test']) await router.find(domain)
  expect(router.size).toBe(2)
  expect(router.peek('example.test')).toBeNull()
  router.forget('null.test')
  expect(router.peek('null.test')).toBeNull()
})
