import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Route } from '../../../src/core/route.ts'
import { DOMAIN, policyText, type TlsHouse, tlsHouse } from '../../support/tls-house.ts'

const SHA256 = 'ab'.repeat(32)
const TLSA = '_25._tcp.mx.example.test'
const RECORD = { usage: 3, selector: 1, matchingType: 1, data: SHA256 }

let house: TlsHouse
beforeEach(async () => {
  house = await tlsHouse()
  house.dns.authentic = true
})
afterEach(() => house[Symbol.asyncDispose]())

function route(): Promise<Route> {
  house.router.forget(DOMAIN)
  return house.router.find(DOMAIN)
}

const unsign = (): void => {
  house.dns.authentic = false
}
const hostsOf = (found: Route) => ('hosts' in found ? found.hosts : found)
const BARE = { exchange: 'mx.example.test', preference: 10, addresses: ['8.8.8.8'] }
/** The MX answer is signed. */
const HOST = { ...BARE, nameProven: true as const }

describe('a host whose name is an alias (RFC 7672 section 2.2.2)', () => {
  const AT_END = '_25._tcp.real.test'
  const OTHER = { usage: 2, selector: 0, matchingType: 1, data: SHA256 }
  const there = { TLSA: [[2, 0, 1, SHA256]] } as const
  const here = { TLSA: [[3, 1, 1, SHA256]] } as const
  beforeEach(() => {
    house.dns.set('mx.example.test', { CNAME: 'real.test' })
    house.dns.set('real.test', { A: ['8.8.8.8'] })
  })

  test.each([
    ['records where it leads to', there, null, { tlsa: [OTHER], tlsaBase: 'real.test' }],
    ['records at both names', there, here, { tlsa: [OTHER], tlsaBase: 'real.test' }],
    ['records where it stands', null, here, { tlsa: [RECORD] }],
    ['records that are not signed where it leads to', { ...there, insecure: true }, here, { tlsa: [RECORD] }],
    ['no records', null, null, {}],
  ] as const)('%s', async (_what, atEnd, atStart, want) => {
    house.dns.set(AT_END, atEnd)
    house.dns.set(TLSA, atStart)
    expect(hostsOf(await route())).toEqual([{ ...HOST, ...want }] as never)
  })

  test('records that do not validate where it leads to are not made up for where it stands', async () => {
    house.dns.set(AT_END, { fault: 'servfail' })
    house.dns.set(TLSA, here)
    expect(await route()).toMatchObject({ kind: 'unresolved', answer: 'dnssec-bogus' })
  })

  test('it leads out of the signed zones: only records where it stands count, if it is signed itself', async () => {
    house.dns.set('real.test', { A: ['8.8.8.8'], insecure: true })
    house.dns.set(AT_END, there)
    house.dns.set(TLSA, here)
    expect(hostsOf(await route())).toEqual([{ ...HOST, tlsa: [RECORD as never] }])
    expect(house.dns.asked(AT_END)).toBe(0)
  })

  test('an alias that is not signed has none', async () => {
    house.dns.set('mx.example.test', { CNAME: 'real.test', insecure: true })
    house.dns.set(TLSA, here)
    house.dns.set(AT_END, there)
    expect(hostsOf(await route())).toEqual([HOST])
  })
})

describe('mail that no policy binds (RFC 8689 section 5)', () => {
  const unbound = async (): Promise<Route> => {
    await route()
    return house.router.find(DOMAIN, true)
  }

  test.each<[string, () => void]>([
    ['records that do not validate', () => house.dns.set(TLSA, { fault: 'servfail' })],
    [
      'a policy of MTA-STS that names other hosts',
      () => house.publish(policyText('enforce', { mx: ['other.test'] })),
    ],
    [
      "the operator's word `dane`, and no records",
      () => house.again({ dane: false, overrides: new Map([[DOMAIN, 'dane' as const]]) }),
    ],
  ])('has a way past %s', async (_what, change) => {
    change()
    expect(await unbound()).toMatchObject({ kind: 'mx', hosts: [BARE], tls: { kind: 'opportunistic' } })
    expect(await house.router.find(DOMAIN)).toMatchObject({ kind: 'unresolved' })
    expect(house.router.peek(DOMAIN, true)).toMatchObject({ kind: 'mx' })
  })

  test('has the same way as everybody where nothing is in it', async () => {
    house.dns.set(TLSA, { TLSA: [[3, 1, 1, SHA256]] })
    expect(await unbound()).toBe(await house.router.find(DOMAIN))
  })

  test('has none where there is none', async () => {
    house.dns.set('mx.example.test', { fault: 'servfail' })
    expect(await unbound()).toMatchObject({ kind: 'unresolved', answer: 'servfail' })
  })
})

describe('whether a host is proven to be one of the domain (RFC 8689 section 4.2.1)', () => {
  test.each<[string, () => void, unknown]>([
    ['a signed MX answer', () => undefined, true],
    ['an MX answer that is not signed', unsign, undefined],
    [
      'a policy of MTA-STS that names it',
      () => {
        unsign()
        house.publish(policyText('enforce'))
      },
      true,
    ],
    [
      'a policy under test that names it',
      () => {
        unsign()
        house.publish(policyText('testing'))
      },
      true,
    ],
    [
      'a policy under test that does not',
      () => {
        unsign()
        house.publish(policyText('testing', { mx: ['other.test'] }))
      },
      undefined,
    ],
  ])('%s', async (_what, change, want) => {
    change()
    const found = await route()
    expect('hosts' in found ? found.hosts[0]?.nameProven : found).toBe(want as true)
  })
})
