import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Finding } from '../../../src/core/finding.ts'
import { StubResolver } from '../../../src/net/dns/stub.ts'
import { systemClock } from '../../../src/ops/clock.ts'
import { Asking } from '../../../src/services/domains/asking.ts'
import { checkDmarc } from '../../../src/services/domains/check-dmarc.ts'
import { authorMx, bimi, mtaSts, returnPathMx } from '../../../src/services/domains/check-others.ts'
import { authorSpf, returnPathSpf } from '../../../src/services/domains/check-spf.ts'
import { walkDmarc } from '../../../src/services/domains/dmarc.ts'
import { readSpf } from '../../../src/services/domains/spf.ts'
import { domain } from '../../support/dkim.ts'
import { type FakeDns, startDns, type Zone } from '../../support/dns.ts'

let dns: FakeDns
let resolver: StubResolver
let names: string[] = []
const publish = (zone: Zone): void => {
  for (const [name, entry] of Object.entries(zone)) {
    dns.set(name, entry)
    names.push(name)
  }
}
const ask = () => new Asking(resolver)
const brief = ({ state, message }: Finding) => [state, message]

beforeAll(async () => {
  dns = await startDns()
  resolver = new StubResolver({
    servers: [{ address: '127.0.0.1', port: dns.port }],
    clock: systemClock(),
    cacheEntries: 0,
  })
})
afterAll(async () => {
  resolver.close()
  await dns.close()
})
beforeEach(() => {
  for (const name of names) dns.set(name, null)
  names = []
})

describe('SPF', () => {
  const read = (record: string, addresses: readonly string[] = ['192.0.2.1']) => {
    publish({ 'a.example': { TXT: [record] } })
    return readSpf(ask(), 'a.example', addresses)
  }

  test('is followed through includes, hosts, MX and redirect, and every lookup is counted', async () => {
    publish({
      'one.example': { TXT: ['v=spf1 a:host.example include:two.example ?all'] },
      'two.example': { TXT: ['v=spf1 mx:mail.example -all'] },
      'host.example': { A: ['192.0.2.8'] },
      'mail.example': { MX: [[10, 'mx.example']] },
      'mx.example': { A: ['192.0.2.1'] },
      'last.example': { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] },
    })
    const seen = await read('v=spf1 include:one.example -all')
    expect(seen).toMatchObject({ lookups: 4, voids: 0, broken: null, allows: true, allowsAll: false })
    expect(seen.chain).toEqual(['a.example', 'one.example', 'two.example'])
    expect(await read('v=spf1 redirect=last.example')).toMatchObject({ lookups: 1, allows: true })
    // RFC 7208 §6.1: with an `all` the redirect is passed over.
    expect(await read('v=spf1 redirect=last.example -all')).toMatchObject({ lookups: 0, allows: false })
  })

  test.each([
    ['v=spf1 ip4:192.0.2.1 -all', true],
    ['v=spf1 ip4:192.0.2.0/25 -all', true],
    ['v=spf1 ip4:192.0.2.2 -all', false],
    ['v=spf1 ip6:2001:db8::/32 -all', false],
    ['v=spf1 -ip4:192.0.2.1 +all', false],
    ['v=spf1 ~all', false],
    ['v=spf1 +all', true],
    ['v=spf1', false],
    ['v=spf1   ip4:192.0.2.1   -all ', true],
  ])('%s lets our address send: %p', async (record, allows) => {
    expect((await read(record)).allows).toBe(allows)
  })

  test.each([
    ['a term that nobody knows', 'v=spf1 ipv4:192.0.2.1 -all', 'a term that nobody knows'],
    ['a network that is none', 'v=spf1 ip4:192.0.2.300 -all', 'is no network'],
    ['an include of nothing', 'v=spf1 include:gone.example -all', 'no SPF record stands'],
    ['a circle', 'v=spf1 include:a.example -all', 'leads back to itself'],
  ])('is given up by receivers for %s', async (_name, record, why) => {
    const seen = await read(record)
    expect(seen.broken).toContain(why)
    expect(seen.allows).not.toBe(true)
  })

  test('takes ten lookups, and not eleven', async () => {
    const hosts = (count: number) => Array.from({ length: count }, (_, at) => `a:h${at}.example`).join(' ')
    publish(
      Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`h${at}.example`, { A: ['192.0.2.9'] }])),
    )
    expect(await read(`v=spf1 ${hosts(10)} -all`)).toMatchObject({ lookups: 10, broken: null })
    expect((await read(`v=spf1 ${hosts(11)} -all`)).broken).toContain('more than 10')
  })

  test('of a name server that is silent says nothing', async () => {
    publish({ 'silent.example': { fault: 'servfail' } })
    expect(await read('v=spf1 include:silent.example -all')).toMatchObject({
      incomplete: true,
      allows: null,
      broken: null,
    })
    const place = { name: 'silent.example', hostname: 'mail.example.net' }
    expect((await returnPathSpf(ask(), place)).state).toBe('unknown')
  })

  test('that lets everybody send, several records, and holes are said', async () => {
    const own = async (TXT: readonly string[]) => {
      publish({ 'own.example': { TXT } })
      return brief(await authorSpf(ask(), { name: 'own.example', hostname: 'mail.example.net' }))
    }
    expect(await own(['v=spf1 +all'])).toEqual(['warning', expect.stringContaining('everybody may send')])
    expect(await own(['v=spf1 -all', 'v=spf1 mx -all'])).toEqual([
      'warning',
      expect.stringContaining('2 SPF records'),
    ])
    expect(await own(['v=spf1 a:x.example a:y.example a:z.example -all'])).toEqual([
      'warning',
      expect.stringContaining('names 3 hosts that do not exist'),
    ])
    expect(await own(['hello'])).toEqual(['ok', expect.stringContaining('needs none')])
  })
})

describe('DMARC', () => {
  const facts = { signed: true, ownReturnPath: true }
  const check = async (name: string, more = facts) =>
    brief((await checkDmarc(ask(), domain(name), more)).finding)

  test('passes by signature and return path', async () => {
    publish({ '_dmarc.shop.example': { TXT: ['v=DMARC1; p=reject'] } })
    expect(await check('shop.example')).toEqual([
      'ok',
      'Mail of shop.example that leaves here passes DMARC by DKIM and SPF. The policy is reject, by the record at _dmarc.shop.example.',
    ])
  })

  test('a return path is not aligned strictly: the signature carries it', async () => {
    publish({ '_dmarc.shop.example': { TXT: ['v=DMARC1; p=quarantine; aspf=s; adkim=s'] } })
    const [state, message] = await check('shop.example')
    expect(state).toBe('ok')
    expect(message).toContain('passes DMARC by DKIM. SPF is not aligned, because aspf=s')
  })

  test('what is not signed yet fails, and it is said what follows', async () => {
    publish({ '_dmarc.shop.example': { TXT: ['v=DMARC1; p=reject'] } })
    const [state, message] = await check('shop.example', { signed: false, ownReturnPath: false })
    expect([state, message]).toEqual(['warning', expect.stringContaining('fails DMARC and is refused')])
  })

  test('a subdomain is under the record above, by sp= before p=', async () => {
    publish({ '_dmarc.shop.example': { TXT: ['v=DMARC1; p=reject; sp=none; np=reject'] } })
    expect((await check('news.shop.example'))[1]).toContain(
      'The policy is none, by the record at _dmarc.shop.example.',
    )
    publish({ '_dmarc.news.shop.example': { TXT: ['v=DMARC1; p=quarantine; t=y'] } })
    expect((await check('news.shop.example'))[1]).toContain('quarantine and t=y')
  })

  test('the walk ends where a record says that it is the top', async () => {
    publish({
      '_dmarc.shop.gov.example': { TXT: ['v=DMARC1; p=none'] },
      '_dmarc.gov.example': { TXT: ['v=DMARC1; p=reject; psd=y'] },
      '_dmarc.example': { TXT: ['v=DMARC1; p=none'] },
    })
    expect((await walkDmarc(ask(), 'a.shop.gov.example')).organization).toBe('shop.gov.example')
    // Below a public suffix without a record of its own: the one label below is the organization.
    const other = await walkDmarc(ask(), 'x.other.gov.example')
    expect([other.organization, other.record?.domain]).toEqual(['other.gov.example', 'gov.example'])
    publish({ '_dmarc.b.shop.gov.example': { TXT: ['v=DMARC1; p=none; psd=n'] } })
    expect((await walkDmarc(ask(), 'c.b.shop.gov.example')).organization).toBe('b.shop.gov.example')
  })

  test('a very long name takes eight questions', async () => {
    const before = dns.questions.length
    await walkDmarc(ask(), 'a.b.c.d.e.f.g.h.i.j.shop.example')
    const asked = [...new Set(dns.questions.slice(before).map(({ name }) => name))]
    expect(asked).toEqual([
      '_dmarc.a.b.c.d.e.f.g.h.i.j.shop.example',
      '_dmarc.f.g.h.i.j.shop.example',
      '_dmarc.g.h.i.j.shop.example',
      '_dmarc.h.i.j.shop.example',
      '_dmarc.i.j.shop.example',
      '_dmarc.j.shop.example',
      '_dmarc.shop.example',
      '_dmarc.example',
    ])
  })

  test.each([
    [['v=DMARC1; p=refuse'], 'wrong', 'says p=refuse'],
    [['v=DMARC1; rua=mailto:a@shop.example'], 'warning', 'has no p='],
    [['v=DMARC1; p=none; rua=a@shop.example'], 'wrong', 'a rua= that is no address'],
    [['v=DMARC1; p=none; adkim=strict'], 'wrong', 'says adkim=strict'],
    [['v=DMARC1; p=none', 'v=DMARC1; p=reject'], 'wrong', 'several DMARC records'],
    [['p=none'], 'wrong', 'is no DMARC record'],
    [['v=DMARC1; p=none; rua=mailto:d@reports.example!10m'], 'warning', 'has not agreed'],
    [[' v=DMARC1; p=none'], 'wrong', 'is no DMARC record'],
  ] as const)('%j is %s', async (TXT, state, why) => {
    publish({ '_dmarc.shop.example': { TXT } })
    expect(await check('shop.example')).toEqual([state, expect.stringContaining(why)])
  })

  test('reports elsewhere are right where that place agrees', async () => {
    publish({
      '_dmarc.shop.example': {
        TXT: ['v=DMARC1; p=none; rua=mailto:d@reports.example, mailto:e@in.shop.example'],
      },
      'shop.example._report._dmarc.reports.example': { TXT: ['v=DMARC1;'] },
    })
    expect((await check('shop.example'))[0]).toBe('ok')
  })

  test('none at all is missing; silence on the way is unknown', async () => {
    expect((await check('shop.example'))[0]).toBe('missing')
    publish({ '_dmarc.shop.example': { fault: 'servfail' } })
    expect((await check('shop.example'))[0]).toBe('unknown')
  })
})

describe('what else is looked up', () => {
  test('a null MX and no MX are warned of', async () => {
    publish({ 'null.example': { MX: [[0, '.']] }, 'some.example': { MX: [[10, 'mx.example']] } })
    expect(brief(await authorMx(ask(), 'null.example'))).toEqual([
      'warning',
      expect.stringContaining('null MX'),
    ])
    expect(brief(await authorMx(ask(), 'none.example'))).toEqual([
      'warning',
      expect.stringContaining('neither MX nor address'),
    ])
    expect((await authorMx(ask(), 'some.example')).state).toBe('ok')
  })

  test('a second MX of the return path loses bounces', async () => {
    publish({
      'bounce.example': {
        MX: [
          [10, 'mail.example.net'],
          [20, 'mx.other.example'],
        ],
      },
      'mail.example.net': { A: ['192.0.2.1'] },
    })
    expect(brief(await returnPathMx(ask(), 'bounce.example', 'mail.example.net'))).toEqual([
      'warning',
      expect.stringContaining('Some bounces'),
    ])
  })

  test.each([
    [['v=STSv1; id=20270115;'], 'ok'],
    [['v=STSv1; id=2027-01-15;'], 'wrong'],
    [['v=STSv1; id=1', 'v=STSv1; id=2'], 'wrong'],
    [['v=spf1'], 'missing'],
  ] as const)('MTA-STS %j is %s', async (TXT, state) => {
    publish({ '_mta-sts.shop.example': { TXT } })
    expect((await mtaSts(ask(), 'shop.example')).state).toBe(state)
  })

  test.each([
    ['v=BIMI1; l=https://shop.example/logo.svg; a=https://shop.example/vmc.pem', 'reject', 'ok'],
    ['v=BIMI1; l=https://shop.example/logo.svg', 'none', 'warning'],
    ['v=BIMI1; l=https://shop.example/logo.svg', 'quarantine; t=y', 'warning'],
    ['v=BIMI1; l=http://shop.example/logo.svg', 'reject', 'wrong'],
    ['v=BIMI1; l=https://shop.example/logo.png', 'reject', 'wrong'],
    ['v=BIMI1; l=;', 'none', 'ok'],
    ['nothing', 'reject', 'missing'],
  ] as const)('BIMI %s under p=%s is %s', async (text, policy, state) => {
    publish({
      'default._bimi.shop.example': { TXT: [text] },
      '_dmarc.shop.example': { TXT: [`v=DMARC1; p=${policy}`] },
    })
    const asking = ask()
    expect((await bimi(asking, 'shop.example', await walkDmarc(asking, 'shop.example'))).state).toBe(state)
  })
})
