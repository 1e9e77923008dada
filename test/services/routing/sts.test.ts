import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Route } from '../../../src/core/route.ts'
import { DAY, MINUTE, SECOND } from '../../../src/core/time.ts'
import { text } from '../../support/https.ts'
import { DOMAIN, policyText, type TlsHouse, tlsHouse } from '../../support/tls-house.ts'
import { until } from '../../support/until.ts'

let house: TlsHouse
beforeEach(async () => {
  house = await tlsHouse()
})
afterEach(() => house[Symbol.asyncDispose]())

const VERIFIED = { kind: 'mx', tls: { kind: 'verified', why: 'MTA-STS' } }
const OPPORTUNISTIC = { kind: 'mx', tls: { kind: 'opportunistic' } }

/** As if the route had been forgotten long ago. */
function route(): Promise<Route> {
  house.router.forget(DOMAIN)
  return house.router.find(DOMAIN)
}

const fetches = (): number => house.web.seen.length

describe('a policy', () => {
  test('that is enforced demands proof of the hosts that it names', async () => {
    house.publish(policyText('enforce', { mx: ['other.test', '*.example.test'] }))
    expect(await route()).toMatchObject({
      ...VERIFIED,
      hosts: [{ exchange: 'mx.example.test' }],
      reported: {
        type: 'sts',
        strings: [
          'version: STSv1',
          'mode: enforce',
          'mx: other.test',
          'mx: *.example.test',
          'max_age: 604800',
        ],
        mxHosts: ['other.test', '*.example.test'],
      },
    })
    expect(house.web.seen).toMatchObject([
      {
        method: 'GET',
        path: '/.well-known/mta-sts.txt',
        headers: { host: `mta-sts.example.test:${house.web.port}` },
      },
    ])
  })

  test('that is tested is reported about, and demands nothing', async () => {
    house.publish(policyText('testing', { mx: ['other.test'] }))
    expect(await route()).toMatchObject({
      ...OPPORTUNISTIC,
      reported: { type: 'sts', mxHosts: ['other.test'] },
    })
  })

  test('of mode none is none', async () => {
    house.publish(policyText('none', { mx: [] }))
    const found = await route()
    expect(found).toMatchObject(OPPORTUNISTIC)
    expect(found).not.toHaveProperty('reported')
  })

  test('takes the hosts that it does not name out of the way', async () => {
    house.dns.set(DOMAIN, {
      MX: [
        [5, 'evil.test'],
        [10, 'mx.example.test'],
      ],
    })
    house.dns.set('evil.test', { A: ['9.9.9.9'] })
    house.publish(policyText('enforce'))
    const found = await route()
    expect('hosts' in found && found.hosts.map((host) => host.exchange)).toEqual(['mx.example.test'])
  })

  test('that names no host of the domain leaves no way, for now', async () => {
    house.publish(policyText('enforce', { mx: ['other.test'] }))
    expect(await route()).toMatchObject({ kind: 'unresolved', answer: 'sts-no-match' })
  })

  test.each([
    ['nothing is announced', null, 0],
    ['two are announced', ['v=STSv1; id=1;', 'v=STSv1; id=2;'], 0],
    ['something else stands there', ['v=TLSRPTv1; rua=mailto:x@example.test'], 0],
  ] as const)('is not asked for where %s', async (_what, records, asked) => {
    house.publish(policyText('enforce'))
    house.dns.set(`_mta-sts.${DOMAIN}`, records === null ? null : { TXT: records })
    expect(await route()).toMatchObject(OPPORTUNISTIC)
    expect(fetches()).toBe(asked)
  })
})

describe('a first fetch that fails leaves no policy', () => {
  const policy = policyText('enforce')
  test.each([
    ['a redirect', text(policy, 'text/plain', 301), 'sts-policy-fetch-error'],
    ['an error', text(policy, 'text/plain', 500), 'sts-policy-fetch-error'],
    ['an uploaded page', text(policy, 'text/html'), 'sts-policy-fetch-error'],
    ['too much', text(policy + 'x: y\r\n'.repeat(12_000)), 'sts-policy-fetch-error'],
    ['no policy', text('version: STSv1\r\nmode: enforce\r\n'), 'sts-policy-invalid'],
  ])('%s', async (_what, script, type) => {
    house.publish(policy)
    house.web.script = script
    const found = await route()
    expect(found).toMatchObject(OPPORTUNISTIC)
    expect(found).not.toHaveProperty('reported')
    expect(house.faults).toMatchObject([{ domain: DOMAIN, type }])
    expect(found.validUntil - house.clock.now()).toBeLessThanOrEqual(5 * MINUTE)
  })

  test('a certificate that does not prove the name', async () => {
    house.publish(policy)
    house.dns.set(`_mta-sts.wrong.test`, { TXT: ['v=STSv1; id=1;'] })
    house.dns.set('wrong.test', { MX: [[10, 'mx.example.test']] })
    house.dns.set('mta-sts.wrong.test', { A: ['127.0.0.1'] })
    expect(await house.router.find('wrong.test')).toMatchObject(OPPORTUNISTIC)
    expect(house.faults).toMatchObject([{ domain: 'wrong.test', type: 'sts-webpki-invalid' }])
  })

  test('silence, for ten seconds and no longer', async () => {
    house.publish(policy)
    house.web.script = () => {}
    const asking = route()
    await until('the policy was asked for', () => fetches() === 1)
    house.clock.advance(10 * SECOND)
    expect(await asking).toMatchObject(OPPORTUNISTIC)
  })

  test('and its web server is left alone for five minutes', async () => {
    house.publish(policy)
    house.web.script = text('', 'text/plain', 404)
    await route()
    await route()
    expect(fetches()).toBe(1)
    house.publish(policy)
    house.clock.advance(5 * MINUTE - SECOND)
    expect(await route()).toMatchObject(OPPORTUNISTIC)
    house.clock.advance(2 * SECOND)
    expect(await route()).toMatchObject(VERIFIED)
    expect(fetches()).toBe(2)
  })
})

describe('what is kept', () => {
  beforeEach(async () => {
    house.publish(policyText('enforce'))
    await route()
  })

  test('is not asked for again while its record says the same', async () => {
    house.clock.advance(20 * 60 * MINUTE)
    expect(await route()).toMatchObject(VERIFIED)
    expect(fetches()).toBe(1)
  })

  test.each([
    ['the web server is away', () => house.web.close()],
    ['the web server serves something else', () => house.serve(text('gone', 'text/html', 404))],
    ['the record is gone', () => house.dns.set(`_mta-sts.${DOMAIN}`, null)],
    ['the record cannot be had', () => house.dns.set(`_mta-sts.${DOMAIN}`, { fault: 'servfail' })],
    [
      'a newer one is announced and cannot be had',
      async () => {
        house.dns.set(`_mta-sts.${DOMAIN}`, { TXT: ['v=STSv1; id=2;'] })
        await house.web.close()
      },
    ],
  ])('holds after a restart although %s', async (_what, trouble) => {
    await trouble()
    house.again()
    house.clock.advance(3 * DAY)
    expect(await route()).toMatchObject(VERIFIED)
  })

  test('is over when it has expired, and is asked for anew like a first one', async () => {
    await house.web.close()
    house.clock.advance(7 * DAY - SECOND)
    const last = await route()
    expect(last).toMatchObject(VERIFIED)
    expect(last.validUntil - house.clock.now()).toBe(SECOND)
    house.clock.advance(SECOND)
    expect(await route()).toMatchObject(OPPORTUNISTIC)
  })

  test('is replaced when another id is announced; mail that still fits does not wait for that', async () => {
    house.publish(policyText('testing'), '2')
    house.clock.advance(2 * MINUTE)
    expect(await route()).toMatchObject(VERIFIED)
    await until('the newer one was taken', async () => (await house.sts.cached(DOMAIN))?.mode === 'testing')
    // Nobody forgot the route by hand: the change did.
    expect(await house.router.find(DOMAIN)).toMatchObject(OPPORTUNISTIC)
  })

  test('that fits no more is first compared with what is announced now', async () => {
    house.dns.set(DOMAIN, { MX: [[10, 'new.test']], ttl: 60 })
    house.dns.set('new.test', { A: ['9.9.9.9'] })
    house.publish(policyText('enforce', { mx: ['new.test'] }), '2')
    house.clock.advance(2 * MINUTE)
    expect(await route()).toMatchObject({ ...VERIFIED, hosts: [{ exchange: 'new.test' }] })
  })

  test('is renewed once a day while mail flows, without mail waiting', async () => {
    house.clock.advance(DAY)
    expect(await route()).toMatchObject(VERIFIED)
    await until('it was renewed', async () => {
      const kept = await house.store.stsPolicy(DOMAIN)
      return kept?.expiresAt === house.clock.now() + 7 * DAY
    })
  })

  test('is renewed by the clock in the second half of its life, without any mail', async () => {
    house.clock.advance(3 * DAY)
    await house.sts.upkeep()
    expect(fetches()).toBe(1)
    house.clock.advance(DAY)
    await house.sts.upkeep()
    expect(fetches()).toBe(2)
    expect((await house.store.stsPolicy(DOMAIN))?.fetchedAt).toBe(house.clock.now())
  })
})

test('many messages to a new domain are one fetch', async () => {
  house.publish(policyText('enforce'))
  await Promise.all(Array.from({ length: 20 }, () => house.sts.policyFor(DOMAIN)))
  expect(fetches()).toBe(1)
})

describe("the operator's word goes before", () => {
  test.each([
    ['none', { kind: 'none', why: 'tls_policy of example.test' }],
    ['opportunistic', { kind: 'opportunistic' }],
    ['required', { kind: 'required', why: 'tls_policy of example.test' }],
    ['verified', { kind: 'verified', why: 'tls_policy of example.test' }],
  ] as const)('%s', async (word, tls) => {
    house.publish(policyText('enforce', { mx: ['other.test'] }))
    house.again({ overrides: new Map([[DOMAIN, word]]) })
    expect(await route()).toMatchObject({ kind: 'mx', tls })
    expect(fetches()).toBe(0)
  })
})

test('switched off, nobody is asked', async () => {
  house.publish(policyText('enforce'))
  house.again({ sts: null })
  expect(await route()).toMatchObject(OPPORTUNISTIC)
  expect(house.dns.asked(`_mta-sts.${DOMAIN}`)).toBe(0)
})
