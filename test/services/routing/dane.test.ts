import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Route } from '../../../src/core/route.ts'
import { daneOf } from '../../../src/services/routing/dane.ts'
import { DOMAIN, policyText, type TlsHouse, tlsHouse } from '../../support/tls-house.ts'

const SHA256 = 'ab'.repeat(32)
const SHA512 = 'cd'.repeat(64)
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

describe('a host in a signed zone', () => {
  test('with records: its certificate has to match one', async () => {
    house.dns.set(TLSA, { TLSA: [[3, 1, 1, SHA256]], ttl: 30 })
    const found = await route()
    expect(hostsOf(found)).toEqual([{ ...HOST, tlsa: [RECORD as never] }])
    expect(found).toMatchObject({
      tls: { kind: 'opportunistic' },
      reported: { type: 'tlsa', strings: [`3 1 1 ${SHA256}`], mxHosts: ['mx.example.test'] },
    })
    expect(found.validUntil - house.clock.now()).toBe(30_000)
  })

  test('with records that cannot be used: encryption without proof', async () => {
    house.dns.set(TLSA, { TLSA: [[1, 1, 1, SHA256]] })
    expect(hostsOf(await route())).toEqual([{ ...HOST, tlsa: [] }])
  })

  test.each([
    ['without records', null],
    ['with a name that holds something else', { TXT: ['x'] }],
    [
      'with records in a zone below it that is not signed',
      { TLSA: [[3, 1, 1, SHA256]] as const, insecure: true },
    ],
  ])('%s: no DANE', async (_what, entry) => {
    house.dns.set(TLSA, entry)
    expect(hostsOf(await route())).toEqual([HOST])
    expect(house.dns.asked(TLSA, 'TLSA')).toBe(1)
  })

  test('whose records do not validate is not used: the next one is', async () => {
    house.dns.set(DOMAIN, {
      MX: [
        [10, 'mx.example.test'],
        [20, 'second.test'],
      ],
    })
    house.dns.set('second.test', { A: ['9.9.9.9'] })
    house.dns.set(TLSA, { fault: 'servfail' })
    expect(hostsOf(await route())).toEqual([
      { exchange: 'second.test', preference: 20, addresses: ['9.9.9.9'], nameProven: true },
    ])
  })

  test('that is the only one leaves no way, for now; never one in clear', async () => {
    house.dns.set(TLSA, { fault: 'servfail' })
    expect(await route()).toMatchObject({ kind: 'unresolved', answer: 'dnssec-bogus' })
  })

  test('whose name servers refuse to speak of it leaves no way either', async () => {
    house.dns.set(TLSA, { fault: 'refuse' })
    expect(await route()).toMatchObject({ kind: 'unresolved', answer: 'dnssec-bogus' })
  })
})

describe('nobody is asked for TLSA records', () => {
  const asked = (): number => house.dns.asked(TLSA, 'TLSA')
  beforeEach(() => house.dns.set(TLSA, { TLSA: [[3, 1, 1, SHA256]] }))

  test.each([
    [
      'the MX answer is not signed',
      () => house.dns.set(DOMAIN, { MX: [[10, 'mx.example.test']], insecure: true }),
    ],
    [
      'the addresses are not signed',
      () => house.dns.set('mx.example.test', { A: ['8.8.8.8'], insecure: true }),
    ],
    ['the resolver does not validate', unsign],
    ['DANE is switched off', () => house.again({ dane: false })],
    ['the operator said so', () => house.again({ overrides: new Map([[DOMAIN, 'opportunistic' as const]]) })],
  ])('where %s', async (_what, change) => {
    await change()
    expect(hostsOf(await route())).toMatchObject([BARE])
    expect(asked()).toBe(0)
  })
})

test('a domain that is its own host has DANE by its address', async () => {
  house.dns.set(DOMAIN, { A: ['8.8.4.4'] })
  house.dns.set(`_25._tcp.${DOMAIN}`, { TLSA: [[3, 1, 1, SHA256]] })
  expect(await route()).toMatchObject({ kind: 'implicit-mx', hosts: [{ tlsa: [RECORD] }] })
})

describe('beside MTA-STS', () => {
  test('a host that is proven by DANE needs no other proof', async () => {
    house.publish(policyText('enforce', { mx: ['other.test'] }))
    house.dns.set(TLSA, { TLSA: [[3, 1, 1, SHA256]] })
    expect(await route()).toMatchObject({
      kind: 'mx',
      hosts: [{ tlsa: [RECORD] }],
      reported: { type: 'tlsa' },
    })
  })

  test('records that cannot be used do not weaken what the policy demands', async () => {
    house.publish(policyText('enforce'))
    house.dns.set(TLSA, { TLSA: [[1, 1, 1, SHA256]] })
    const found = await route()
    expect(found).toMatchObject({ tls: { kind: 'verified' }, reported: { type: 'sts' } })
    expect(hostsOf(found)).toEqual([HOST])
  })

  test('a policy is no way around records that do not validate', async () => {
    house.publish(policyText('enforce'))
    house.dns.set(TLSA, { fault: 'servfail' })
    expect(await route()).toMatchObject({ kind: 'unresolved', answer: 'dnssec-bogus' })
  })
})

describe("the operator's word `dane`", () => {
  beforeEach(() => house.again({ dane: false, overrides: new Map([[DOMAIN, 'dane']]) }))

  test('asks although DANE is switched off', async () => {
    house.dns.set(TLSA, { TLSA: [[3, 1, 1, SHA256]] })
    expect(await route()).toMatchObject({
      kind: 'mx',
      hosts: [{ tlsa: [RECORD] }],
      tls: { kind: 'verified', why: 'tls_policy of example.test' },
    })
  })
  test.each([
    ['there are no records', () => undefined],
    ['they cannot be used', () => house.dns.set(TLSA, { TLSA: [[0, 0, 1, SHA256]] })],
    ['nothing is signed any more', unsign],
  ])('lets mail wait where %s', async (_what, change) => {
    change()
    expect(await route()).toMatchObject({ kind: 'unresolved', answer: 'dnssec-bogus' })
  })
})

describe('records', () => {
  const found = (...records: readonly (readonly [number, number, number, string])[]) =>
    daneOf('mx.example.test', {
      ok: true,
      value: {
        records: records.map(([usage, selector, matchingType, data]) => ({
          usage,
          selector,
          matchingType,
          data,
        })),
        ttl: 60,
        authentic: true,
      },
    })

  test.each([
    [[3, 1, 1, SHA256], true],
    [[3, 0, 2, SHA512], true],
    [[2, 0, 1, SHA256], true],
    [[2, 1, 0, '3059'], true],
    [[0, 0, 1, SHA256], false],
    [[1, 1, 1, SHA256], false],
    [[4, 1, 1, SHA256], false],
    [[255, 1, 1, SHA256], false],
    [[3, 2, 1, SHA256], false],
    [[3, 1, 3, SHA256], false],
    [[3, 1, 255, SHA256], false],
    [[3, 1, 1, SHA512], false],
    [[3, 1, 2, SHA256], false],
    [[3, 1, 1, ''], false],
    [[3, 1, 0, ''], false],
  ] as const)('%p: usable is %p', (record, usable) => {
    expect(found(record)).toMatchObject({ kind: 'records', records: usable ? [{ data: record[3] }] : [] })
  })

  test('the stronger digest alone counts where both are there for a usage and selector', () => {
    expect(found([3, 1, 1, SHA256], [3, 1, 2, SHA512], [2, 1, 1, SHA256], [3, 1, 0, '3059'])).toMatchObject({
      records: [{ matchingType: 2 }, { usage: 2 }, { matchingType: 0 }],
    })
  })

  test.each([
    ['nxdomain', { kind: 'none' }],
    ['nodata', { kind: 'none' }],
    ['servfail', { kind: 'unknown', answer: 'dnssec-bogus' }],
    ['timeout', { kind: 'unknown', answer: 'timeout' }],
  ] as const)('%s', (error, want) => expect(daneOf('mx.example.test', { ok: false, error })).toEqual(want))
})

describe('what its owner should hear of', () => {
  const told = (): readonly unknown[] => house.faults.map(({ mx, type }) => [mx, type])
  test.each<[string, () => void, readonly unknown[]]>([
    ['nothing is wrong', () => house.dns.set(TLSA, { TLSA: [[3, 1, 1, SHA256]] }), []],
    [
      'no record can be used',
      () => house.dns.set(TLSA, { TLSA: [[1, 1, 1, SHA256]] }),
      [['mx.example.test', 'tlsa-invalid']],
    ],
    [
      'the records do not validate',
      () => house.dns.set(TLSA, { fault: 'servfail' }),
      [['mx.example.test', 'dnssec-invalid']],
    ],
    [
      'a policy that is tested does not name the host',
      () => house.publish(policyText('testing', { mx: ['other.test'] })),
      [['mx.example.test', 'validation-failure']],
    ],
    [
      'a policy that is enforced does not name the host',
      () => house.publish(policyText('enforce', { mx: ['other.test'] })),
      [['mx.example.test', 'validation-failure']],
    ],
    [
      'a policy does not name a host that DANE proves',
      () => {
        house.publish(policyText('enforce', { mx: ['other.test'] }))
        house.dns.set(TLSA, { TLSA: [[3, 1, 1, SHA256]] })
      },
      [],
    ],
  ])('%s', async (_what, change, want) => {
    change()
    await route()
    expect(told()).toEqual([...want])
  })
})
