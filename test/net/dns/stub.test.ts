import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { parseEndpoint } from '../../../src/net/dns/servers.ts'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { type HandClock, handClock } from '../../support/clock.ts'
import { type DnsFault, type FakeDns, startDns, type Zone } from '../../support/dns.ts'
import { until } from '../../support/until.ts'

const ZONE: Zone = {
  'example.test': {
    A: ['192.0.2.1', '192.0.2.2'],
    AAAA: ['2001:db8::1'],
    MX: [
      [20, 'MX2.Example.Test.'],
      [10, 'mx1.example.test'],
    ],
    TXT: ['v=spf1 -all', ['v=DKIM1; p=', 'abc', 'def']],
  },
  'null.test': { MX: [[0, '.']] },
  'alias.test': { CNAME: 'example.test', ttl: 30 },
  'bare.test': { CNAME: 'alias.test', bareCname: true, ttl: 20 },
  'four.test': { A: ['192.0.2.4'] },
  '1.2.0.192.in-addr.arpa': { PTR: ['Mail.Example.Test'] },
  '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { PTR: ['six.example.test'] },
}

let dns: FakeDns
let clock: HandClock
let resolver: StubResolver

beforeEach(async () => {
  dns = await startDns(ZONE)
  clock = handClock()
  resolver = resolverOf(dns)
})
afterEach(async () => {
  resolver.close()
  await dns.close()
})

function resolverOf(...servers: readonly (FakeDns | string)[]): StubResolver {
  const endpoints = servers.map((server) => {
    const endpoint = parseEndpoint(typeof server === 'string' ? server : server.address)
    if (!endpoint.ok) throw new Error(endpoint.error)
    return endpoint.value
  })
  return new StubResolver({ servers: endpoints, clock, cacheEntries: 100 })
}

/** Moves the clock past one answer's patience each time when the name was asked once more. */
async function waitOut(name: string, times: number, server = dns): Promise<void> {
  for (let asked = 1; asked <= times; asked++) {
    await until(`${name} is asked ${asked} times`, () => server.asked(name) >= asked && clock.waits > 0)
    clock.advance(2000)
  }
}

describe('answers', () => {
  test('MX records keep their preference, names in lower case', async () => {
    const found = await resolver.mx('Example.TEST.')
    expect(found).toEqual({
      ok: true,
      value: {
        records: [
          { preference: 20, exchange: 'mx2.example.test' },
          { preference: 10, exchange: 'mx1.example.test' },
        ],
        ttl: 300,
        authentic: false,
      },
    })
  })

  test('the exchange of a null MX is empty (RFC 7505)', async () => {
    const found = await resolver.mx('null.test')
    expect(found.ok && found.value.records).toEqual([{ preference: 0, exchange: '' }])
  })

  test('A and AAAA together, or one family alone', async () => {
    expect(await records(resolver.addresses('example.test'))).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      '2001:db8::1',
    ])
    expect(await records(resolver.addresses('example.test', ['ipv6']))).toEqual(['2001:db8::1'])
    expect(await resolver.addresses('four.test', ['ipv6'])).toEqual({ ok: false, error: 'nodata' })
  })

  test('strings of one TXT record are joined (RFC 7208 §3.3)', async () => {
    expect(await records(resolver.txt('example.test'))).toEqual(['v=spf1 -all', 'v=DKIM1; p=abcdef'])
  })

  test('CNAME and PTR', async () => {
    expect(await records(resolver.cname('alias.test'))).toEqual(['example.test'])
    expect(await records(resolver.ptr('192.0.2.1'))).toEqual(['mail.example.test'])
    expect(await records(resolver.ptr('2001:db8::1'))).toEqual(['six.example.test'])
    expect(await resolver.ptr('no address')).toEqual({ ok: false, error: 'nxdomain' })
  })

  test('an alias is followed inside one answer and over several, with the shortest life', async () => {
    const inside = await resolver.addresses('alias.test', ['ipv4'])
    expect(inside.ok && [inside.value.records, inside.value.ttl]).toEqual([['192.0.2.1', '192.0.2.2'], 30])
    const over = await resolver.addresses('bare.test', ['ipv4'])
    expect(over.ok && [over.value.records, over.value.ttl]).toEqual([['192.0.2.1', '192.0.2.2'], 20])
  })

  test('the AD bit is asked for and handed on; EDNS(0) offers 1232 octets', async () => {
    dns.authentic = true
    const found = await resolver.mx('example.test')
    expect(found.ok && found.value.authentic).toBe(true)
    expect(dns.questions[0]).toMatchObject({
      askedAuthentic: true,
      recursionDesired: true,
      udpPayloadSize: 1232,
    })
  })

  test('names that the DNS cannot hold are not asked', async () => {
    for (const name of [
      '',
      '.',
      'a..test',
      `${'x'.repeat(64)}.test`,
      `${'abc.'.repeat(64)}test`,
      'bücher.test',
    ]) {
      expect(await resolver.mx(name)).toEqual({ ok: false, error: 'nxdomain' })
    }
    expect(dns.questions).toEqual([])
  })
})

describe('faults', () => {
  test.each([
    ['servfail', 'servfail', 1],
    ['refuse', 'servfail', 1],
    ['lame', 'servfail', 1],
    ['cname-loop', 'servfail', 1],
    ['nxdomain', 'nxdomain', 1],
    ['nodata', 'nodata', 1],
  ] as const)('%s is %s after %i question', async (fault, want, times) => {
    dns.set('bad.test', { MX: [[10, 'mx.test']], fault })
    expect(await resolver.mx('bad.test')).toEqual({ ok: false, error: want })
    expect(dns.asked('bad.test')).toBe(times)
  })

  test.each<DnsFault>(['timeout', 'wrong-id', 'wrong-question', 'garbage'])(
    '%s: two rounds of patience, then a time-out',
    async (fault) => {
      dns.set('bad.test', { A: ['192.0.2.9'], fault })
      const found = resolver.addresses('bad.test', ['ipv4'])
      await waitOut('bad.test', 2)
      expect(await found).toEqual({ ok: false, error: 'timeout' })
      expect(dns.asked('bad.test')).toBe(2)
    },
  )

  test.each(['wrong-id', 'wrong-question'] as const)(
    'a forged answer (%s) does not keep the true one out',
    async (forged) => {
      dns.set('good.test', { A: ['192.0.2.7'], forged })
      expect(await records(resolver.addresses('good.test', ['ipv4']))).toEqual(['192.0.2.7'])
    },
  )

  test('a truncated answer is asked for over TCP', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `192.0.2.${i}`)
    dns.set('big.test', { A: many, fault: 'truncated' })
    expect(await records(resolver.addresses('big.test', ['ipv4']))).toEqual(many)
    expect(dns.questions.map((question) => question.transport)).toEqual(['udp', 'tcp'])
  })

  test('a server without EDNS(0) is asked again without it', async () => {
    dns.set('old.test', { A: ['192.0.2.5'], fault: 'no-edns' })
    expect(await records(resolver.addresses('old.test', ['ipv4']))).toEqual(['192.0.2.5'])
  })

  test('the fault that promises more wins; one family is enough', async () => {
    dns.set('half.test', { AAAA: ['2001:db8::2'], fault: { A: 'servfail' }, ttl: 600 })
    const half = await resolver.addresses('half.test')
    expect(half.ok && [half.value.records, half.value.ttl]).toEqual([['2001:db8::2'], 60])
    expect(await resolver.addresses('half.test', ['ipv4'])).toEqual({ ok: false, error: 'servfail' })
    dns.set('none.test', { fault: { A: 'servfail' } })
    expect(await resolver.addresses('none.test')).toEqual({ ok: false, error: 'servfail' })
  })

  test('a chain of more than eight aliases ends', async () => {
    for (let i = 0; i < 12; i++) dns.set(`c${i}.test`, { CNAME: `c${i + 1}.test`, bareCname: true })
    dns.set('c12.test', { A: ['192.0.2.1'] })
    expect(await resolver.addresses('c0.test', ['ipv4'])).toEqual({ ok: false, error: 'servfail' })
    expect(await records(resolver.addresses('c5.test', ['ipv4']))).toEqual(['192.0.2.1'])
  })
})

describe('several servers', () => {
  test('a refusing or silent one is passed over, and then asked last for a while', async () => {
    const dead = await startDns({ 'a.test': { fault: 'timeout' }, 'b.test': { fault: 'timeout' } })
    dns.set('a.test', { A: ['192.0.2.1'] })
    dns.set('b.test', { A: ['192.0.2.2'] })
    const both = resolverOf(dead, dns)
    const first = both.addresses('a.test', ['ipv4'])
    await waitOut('a.test', 1, dead)
    expect(await records(first)).toEqual(['192.0.2.1'])
    expect(await records(both.addresses('b.test', ['ipv4']))).toEqual(['192.0.2.2'])
    expect(dead.asked('b.test')).toBe(0)
    both.close()
    await dead.close()
  })

  test('nobody listens: the fault comes without waiting', async () => {
    const gone = await startDns()
    await gone.close()
    const deaf = resolverOf(gone)
    expect(await deaf.mx('example.test')).toEqual({ ok: false, error: 'timeout' })
    const both = resolverOf(gone, dns)
    expect((await both.mx('example.test')).ok).toBe(true)
    deaf.close()
    both.close()
  })

  test('an asker that closed with a question on its way costs the next one nothing', async () => {
    for (let round = 0; round < 20; round++) {
      const hasty = resolverOf(dns)
      void hasty.txt('example.test')
      await new Promise((turn) => setImmediate(turn))
      hasty.close()
      const patient = resolverOf(dns)
      // The clock stands still: a question that gets no answer would wait for ever.
      expect((await patient.mx('example.test')).ok).toBe(true)
      patient.close()
    }
  })

  test('SERVFAIL of one is not the last word', async () => {
    const ill = await startDns({ 'example.test': { fault: 'servfail' } })
    const both = resolverOf(ill, dns)
    expect((await both.mx('example.test')).ok).toBe(true)
    both.close()
    await ill.close()
  })
})

async function records(found: ReturnType<StubResolver['txt']>): Promise<readonly string[] | string> {
  const result = await found
  return result.ok ? result.value.records : result.error
}

describe('TLSA', () => {
  const HASH = 'ab'.repeat(32)
  const NAME = '_25._tcp.mx.signed.test'

  test('records as they are published, with the AD bit', async () => {
    dns.authentic = true
    dns.set(NAME, {
      TLSA: [
        [3, 1, 1, HASH],
        [0, 0, 255, ''],
      ],
    })
    expect(await resolver.tlsa(NAME)).toEqual({
      ok: true,
      value: {
        records: [
          { usage: 3, selector: 1, matchingType: 1, data: HASH },
          { usage: 0, selector: 0, matchingType: 255, data: '' },
        ],
        ttl: 300,
        authentic: true,
      },
    })
  })

  test('by an alias, as RFC 7671 §7 allows; one unsigned link makes the whole answer unsigned', async () => {
    dns.authentic = true
    dns.set('_dane.signed.test', { TLSA: [[3, 1, 1, HASH]] })
    dns.set(NAME, { CNAME: '_dane.signed.test' })
    dns.set('_25._tcp.half.test', { CNAME: '_dane.signed.test', insecure: true })
    dns.set('_25._tcp.bare.test', { CNAME: '_25._tcp.half.test', bareCname: true })
    expect(await resolver.tlsa(NAME)).toMatchObject({ ok: true, value: { authentic: true } })
    expect(await resolver.tlsa('_25._tcp.half.test')).toMatchObject({ ok: true, value: { authentic: false } })
    expect(await resolver.tlsa('_25._tcp.bare.test')).toMatchObject({ ok: true, value: { authentic: false } })
  })

  test('what a validator refuses is no answer', async () => {
    dns.set(NAME, { fault: 'servfail' })
    expect(await resolver.tlsa(NAME)).toEqual({ ok: false, error: 'servfail' })
  })
})

describe('the AD bit', () => {
  test.each([
    ['auto', true],
    ['always', true],
    ['never', false],
  ] as const)('of a server on this machine, with %s: %p', async (trustAd, want) => {
    dns.authentic = true
    const own = new StubResolver({ servers: [{ address: '127.0.0.1', port: dns.port }], clock, trustAd })
    expect(await own.mx('example.test')).toMatchObject({ ok: true, value: { authentic: want } })
    own.close()
  })
})
