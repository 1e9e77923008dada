import { afterEach, describe, expect, test } from 'bun:test'
import { HOUR } from '../../../src/core/time.ts'
import type { DnsRecord } from '../../../src/services/domains/records.ts'
import { domain } from '../../support/dkim.ts'
import { domainHouse, publish } from '../../support/domains.ts'

const EXAMPLE = domain('example.com')
const REQUIRED = [
  'TXT mw1e._domainkey.example.com',
  'TXT mw1r._domainkey.example.com',
  'MX bounce.example.com',
  'TXT bounce.example.com',
]

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function house() {
  const made = await domainHouse()
  closing.push(made.close)
  return { ...made, account: await made.accountNamed('default') }
}

async function withExample() {
  const made = await house()
  const added = await made.domains.add(made.account, EXAMPLE)
  if (!added.ok) throw new Error(added.error)
  const { records } = added.value
  const check = async (): Promise<readonly string[]> => {
    const verified = await made.domains.verify(EXAMPLE, made.account)
    if (!verified.ok) throw new Error(verified.error)
    const { domain: stored } = verified.value
    // What was verified stays so for a day.
    if (verified.value.records.every((each) => !each.required || each.present === true)) {
      expect(stored.verifiedAt).not.toBeNull()
    }
    return verified.value.records
      .filter((each) => each.present !== true)
      .map((each) => `${each.type} ${each.name}`)
  }
  return { ...made, records, check }
}

const one = (records: readonly DnsRecord[], check: DnsRecord['check']): DnsRecord => {
  const found = records.find((record) => record.check === check)
  if (!found) throw new Error(check)
  return found
}

describe('verifying', () => {
  test('all published: verified, at the first look that sees it', async () => {
    const { dns, records, check, domains, clock, changed } = await withExample()
    expect(await check()).toEqual(expect.arrayContaining(REQUIRED))
    clock.advance(60_000)
    publish(dns, records)
    expect(await check()).toEqual([])
    const at = clock.now()
    clock.advance(60_000)
    expect(await check()).toEqual([])
    expect((await domains.list(null))[0]).toMatchObject({ verifiedAt: at, checkedAt: clock.now() })
    expect(changed).toEqual(Array(4).fill('example.com'))
  })

  test('DMARC, tracking and the next keys may be missing', async () => {
    const { dns, records, check } = await withExample()
    publish(
      dns,
      records.filter((record) => record.required),
    )
    expect(await check()).toEqual([
      'TXT mw2r._domainkey.example.com',
      'TXT mw2e._domainkey.example.com',
      'TXT _dmarc.example.com',
      'CNAME track.example.com',
    ])
  })

  test.each([
    ['order and white space', (p: string) => [` p = ${p.slice(0, 60)} ${p.slice(60)} ;k=rsa; v=DKIM1 ;`]],
    ['no v= and no k=', (p: string) => [`p=${p}`]],
    ['narrowed to SHA-256 and mail', (p: string) => [`v=DKIM1; h=sha1:sha256; s=email; p=${p}`]],
    ['another text beside it', (p: string) => ['hello', `v=DKIM1; p=${p}`]],
  ])('a DKIM record is right with %s', async (_name, texts) => {
    const { dns, records, check } = await withExample()
    publish(dns, records)
    const { name, value } = one(records, 'dkimRsa')
    dns.set(name, { TXT: texts(value.replace(/.*p=/, '')).map(inStrings) })
    expect(await check()).toEqual([])
  })

  test.each([
    ['another key', (p: string) => [`v=DKIM1; k=rsa; p=${p.replace(/.{8}$/, 'AAAAAAAA')}`]],
    ['a revoked key', () => ['v=DKIM1; k=rsa; p=']],
    ['half a key', (p: string) => [`v=DKIM1; k=rsa; p=${p.slice(0, 200)}`]],
    ['another kind', (p: string) => [`v=DKIM1; k=ed25519; p=${p}`]],
    ['SHA-1 alone', (p: string) => [`v=DKIM1; h=sha1; p=${p}`]],
    ['another service', (p: string) => [`v=DKIM1; s=tlsrpt; p=${p}`]],
    ['no key', () => ['v=spf1 -all']],
  ])('a DKIM record is wrong with %s', async (_name, texts) => {
    const { dns, records, check } = await withExample()
    publish(dns, records)
    const { name, value } = one(records, 'dkimRsa')
    dns.set(name, { TXT: texts(value.replace(/.*p=/, '')).map(inStrings) })
    expect(await check()).toEqual(['TXT mw1r._domainkey.example.com'])
  })

  test.each([
    [['v=spf1 a:mail.example.net -all'], true],
    [['V=SPF1 +A:MAIL.EXAMPLE.NET ~all', 'other text'], true],
    [['v=spf1 mx -all'], true],
    [['v=spf1 include:_spf.example.net -all'], true],
    [['v=spf1 -all'], false],
    [['v=spf1 a:other.example.net -all'], false],
    [['v=spf1 -a:mail.example.net ~all'], false],
    [['v=spf1 a:mail.example.net -all', 'v=spf1 mx -all'], false],
    [['v=spf1 include:_gone.example.net -all'], false],
    [['v=spf10 a:mail.example.net'], false],
  ] as const)('SPF of the return path: %j is right: %p', async (TXT, right) => {
    const { dns, records, check } = await withExample()
    publish(dns, records)
    dns.set('bounce.example.com', { MX: [[10, 'mail.example.net']], TXT })
    dns.set('_spf.example.net', { TXT: ['v=spf1 ip4:192.0.2.0/24 -all'] })
    expect(await check()).toEqual(right ? [] : ['TXT bounce.example.com'])
  })

  test('an MX elsewhere is not ours', async () => {
    const { dns, records, check } = await withExample()
    publish(dns, records)
    dns.set('bounce.example.com', { MX: [[5, 'mx.other.test']], TXT: ['v=spf1 a:mail.example.net -all'] })
    expect(await check()).toEqual(['MX bounce.example.com'])
  })

  test('a subdomain is under the DMARC record of what was registered', async () => {
    const { dns, domains, account } = await house()
    const sub = domain('news.example.com')
    await domains.add(account, sub)
    dns.set('_dmarc.example.com', { TXT: ['v=DMARC1; p=reject; rua=mailto:a@example.com'] })
    const verified = await domains.verify(sub, account)
    expect(verified.ok && one(verified.value.records, 'dmarc').present).toBe(true)
  })

  test('silence is not absence: what was seen stays seen', async () => {
    const { dns, records, check } = await withExample()
    publish(dns, records)
    expect(await check()).toEqual([])
    for (const { name } of records) dns.set(name, { fault: 'servfail' })
    expect(await check()).toEqual([])
  })

  test('records that were taken away end it after a day in which they were seen missing several times', async () => {
    const { clock, dns, domains, records, check } = await withExample()
    publish(dns, records)
    expect(await check()).toEqual([])
    const isVerified = async () => (await domains.list(null))[0]?.verifiedAt !== null
    dns.set('bounce.example.com', null)
    expect(await check()).toEqual(['MX bounce.example.com', 'TXT bounce.example.com'])
    expect(await isVerified()).toBe(true)
    clock.advance(25 * HOUR)
    await check()
    // Two looks may be two moments of one bad hour.
    expect(await isVerified()).toBe(true)
    await check()
    expect(await isVerified()).toBe(false)
    publish(dns, records)
    await check()
    expect(await isVerified()).toBe(true)
  })

  test('records that come back within the day have not been away', async () => {
    const { clock, dns, domains, records, check } = await withExample()
    publish(dns, records)
    await check()
    dns.set('bounce.example.com', null)
    for (let look = 0; look < 5; look++) {
      await check()
      clock.advance(4 * HOUR)
    }
    publish(dns, records)
    await check()
    dns.set('bounce.example.com', null)
    for (let look = 0; look < 5; look++) {
      await check()
      clock.advance(4 * HOUR)
    }
    expect((await domains.list(null))[0]?.verifiedAt).not.toBeNull()
  })

  test('a domain that nobody had verified is not verified by silence', async () => {
    const { dns, records, domains, check } = await withExample()
    for (const { name } of records) dns.set(name, { fault: 'servfail' })
    await check()
    expect((await domains.list(null))[0]?.verifiedAt).toBeNull()
  })
})

const inStrings = (text: string): readonly string[] => text.match(/.{1,200}/g) ?? ['']
