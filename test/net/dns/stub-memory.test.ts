import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { type FakeDns, startDns } from '../../support/dns.ts'
import { until } from '../../support/until.ts'

let dns: FakeDns
let clock: HandClock
let resolver: StubResolver

beforeEach(async () => {
  dns = await startDns({ 'example.test': { MX: [[10, 'mx1.example.test']] } })
  clock = handClock()
  resolver = new StubResolver({
    servers: [{ address: '127.0.0.1', port: dns.port }],
    clock,
    cacheEntries: 100,
  })
})
afterEach(async () => {
  resolver.close()
  await dns.close()
})

describe('memory', () => {
  test('an answer lives as long as its TTL says, and says what is left of it', async () => {
    await resolver.mx('example.test')
    clock.advance(299_000)
    const found = await resolver.mx('example.test')
    expect(found.ok && found.value.ttl).toBe(1)
    expect(dns.asked('example.test', 'MX')).toBe(1)
    clock.advance(1000)
    await resolver.mx('example.test')
    expect(dns.asked('example.test', 'MX')).toBe(2)
  })

  test('a clock set back or forth changes nothing (F6)', async () => {
    await resolver.mx('example.test')
    clock.jump(-86_400_000)
    await resolver.mx('example.test')
    clock.jump(10 * 86_400_000)
    await resolver.mx('example.test')
    expect(dns.asked('example.test', 'MX')).toBe(1)
  })

  test.each([
    [0, 5],
    [1, 5],
    [7, 7],
    [1_000_000, 86_400],
  ])('a TTL of %i counts as %i seconds', async (ttl, want) => {
    dns.set('ttl.test', { A: ['192.0.2.1'], ttl })
    const found = await resolver.addresses('ttl.test', ['ipv4'])
    expect(found.ok && found.value.ttl).toBe(want)
  })

  test.each([
    ['nxdomain', 60, 60],
    ['nodata', 60, 60],
    ['nodata', 86_400, 3600],
    ['nxdomain', null, 5],
    ['servfail', 60, 15],
  ] as const)('%s with SOA minimum %p is believed for %i s', async (fault, minimum, seconds) => {
    dns.negativeTtl = minimum
    dns.set('no.test', { fault })
    await resolver.mx('no.test')
    clock.advance(seconds * 1000 - 1)
    await resolver.mx('no.test')
    expect(dns.asked('no.test')).toBe(1)
    clock.advance(1)
    await resolver.mx('no.test')
    expect(dns.asked('no.test')).toBe(2)
  })

  test('equal questions at once share one flight', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => resolver.mx('example.test')))
    expect(all.every((found) => found.ok)).toBe(true)
    expect(dns.asked('example.test', 'MX')).toBe(1)
  })

  test('it is bounded: the oldest answer makes room', async () => {
    dns.set('*.many.test', { A: ['192.0.2.1'] })
    for (let i = 0; i < 101; i++) await resolver.addresses(`h${i}.many.test`, ['ipv4'])
    await resolver.addresses('h100.many.test', ['ipv4'])
    await resolver.addresses('h0.many.test', ['ipv4'])
    expect(dns.asked('h100.many.test')).toBe(1)
    expect(dns.asked('h0.many.test')).toBe(2)
  })
})

describe('many at once', () => {
  test('thousands of questions use few sockets, then new ones, and leave no wait behind', async () => {
    dns.set('*.many.test', { A: ['192.0.2.1'] })
    const asks = Array.from({ length: 6000 }, (_, i) => resolver.addresses(`h${i}.many.test`, ['ipv4']))
    expect((await Promise.all(asks)).every((found) => found.ok)).toBe(true)
    const ports = new Set(dns.questions.map((question) => question.port))
    const ids = new Set(dns.questions.map((question) => question.id))
    expect(ports.size).toBeGreaterThan(4)
    expect(ports.size).toBeLessThan(16)
    expect(ids.size).toBeGreaterThan(5000)
    expect(clock.waits).toBe(0)
  })

  test('hung names do not hold up the others', async () => {
    dns.set('*.hung.test', { fault: 'timeout' })
    const hung = Array.from({ length: 150 }, (_, i) => resolver.mx(`h${i}.hung.test`))
    await until('the first hundred are asked', () => dns.questions.length === 100)
    const healthy = resolver.mx('example.test')
    clock.advance(200)
    expect((await healthy).ok).toBe(true)
    for (let waited = 0; waited < 4; waited++) {
      await until('all that wait were asked', () => dns.questions.length >= 151 && clock.waits > 0)
      clock.advance(1000)
    }
    resolver.close()
    expect(new Set((await Promise.all(hung)).map((found) => !found.ok && found.error))).toEqual(
      new Set(['timeout']),
    )
  })

  test('closing ends what is on its way and frees every socket', async () => {
    dns.set('hung.test', { fault: 'timeout' })
    const found = resolver.mx('hung.test')
    await until('it is asked', () => dns.asked('hung.test') === 1)
    resolver.close()
    expect(await found).toEqual({ ok: false, error: 'timeout' })
    expect(await resolver.mx('example.test')).toEqual({ ok: false, error: 'timeout' })
    expect(clock.waits).toBe(0)
  })
})
