import { afterEach, describe, expect, test } from 'bun:test'
import { createPublicKey } from 'node:crypto'
import { Domains } from '../../../src/services/domains/domains.ts'
import type { DnsRecord } from '../../../src/services/domains/records.ts'
import { secretsOf } from '../../../src/services/domains/secret.ts'
import { domain } from '../../support/dkim.ts'
import { domainHouse, OWN } from '../../support/domains.ts'

const EXAMPLE = domain('example.com')

const never = (): Promise<never> => Promise.reject(new Error('not asked'))
const SILENT = { mx: never, addresses: never, txt: never, cname: never, ptr: never, tlsa: never }

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

describe('adding', () => {
  test('says what to publish', async () => {
    const { records } = await withExample()
    const brief = records.map(({ type, name, relativeName, required, present, value }) => {
      const short = value.replace(/p=[^ ]{40,}/, 'p=…')
      return [type, name, relativeName, short, required, present]
    })
    expect(brief).toEqual([
      ['TXT', 'mw1r._domainkey.example.com', 'mw1r._domainkey', 'v=DKIM1; k=rsa; p=…', true, null],
      ['TXT', 'mw1e._domainkey.example.com', 'mw1e._domainkey', 'v=DKIM1; k=ed25519; p=…', true, null],
      ['TXT', 'mw2r._domainkey.example.com', 'mw2r._domainkey', 'v=DKIM1; k=rsa; p=…', false, null],
      ['TXT', 'mw2e._domainkey.example.com', 'mw2e._domainkey', 'v=DKIM1; k=ed25519; p=…', false, null],
      ['MX', 'bounce.example.com', 'bounce', '10 mail.example.net', true, null],
      ['TXT', 'bounce.example.com', 'bounce', 'v=spf1 a:mail.example.net -all', true, null],
      [
        'TXT',
        '_dmarc.example.com',
        '_dmarc',
        'v=DMARC1; p=none; rua=mailto:dmarc@bounce.example.com',
        false,
        null,
      ],
      ['CNAME', 'track.example.com', 'track', 'links.example.net', false, null],
    ])
    expect(records.every((record) => record.name !== 'example.com')).toBe(true)
  })

  test('shows a long value whole and in strings that fit', async () => {
    const { records } = await withExample()
    const { value, strings } = one(records, 'dkimRsa')
    expect(value.length).toBeGreaterThan(255)
    expect(strings.join('')).toBe(value)
    expect(strings.map((each) => each.length <= 255)).toEqual([true, true])
  })

  test('names are relative to what was registered', async () => {
    const { domains, account } = await house()
    const added = await domains.add(account, domain('news.shop.example.co.uk'))
    if (!added.ok) throw new Error(added.error)
    expect(one(added.value.records, 'returnPathMx').relativeName).toBe('bounce.news.shop')
    expect(one(added.value.records, 'dmarc').relativeName).toBe('_dmarc.news.shop')
  })

  test.each(['co.uk', 'github.io'])('%s belongs to everybody', async (name) => {
    const { domains, account } = await house()
    expect(await domains.add(account, domain(name))).toEqual({ ok: false, error: 'public-suffix' })
  })

  test('a domain is added once, by one account', async () => {
    const { domains, account, accountNamed } = await withExample()
    const other = await accountNamed('other')
    expect(await domains.add(account, EXAMPLE)).toEqual({ ok: false, error: 'exists' })
    expect(await domains.add(other, EXAMPLE)).toEqual({ ok: false, error: 'taken' })
    expect(await domains.find(EXAMPLE, other)).toBeNull()
    expect(await domains.verify(EXAMPLE, other)).toEqual({ ok: false, error: 'not-found' })
    expect(await domains.list(other)).toEqual([])
  })

  test('ensuring makes it once and leaves its keys alone', async () => {
    const { domains, account, accountNamed } = await house()
    const first = await domains.ensure(account, EXAMPLE)
    const keys = await domains.signingKeys(EXAMPLE)
    expect(await domains.ensure(account, EXAMPLE)).toEqual(first)
    expect(await domains.signingKeys(EXAMPLE)).toEqual(keys)
    expect(await domains.ensure(await accountNamed('other'), EXAMPLE)).toEqual({ ok: false, error: 'taken' })
  })
})

describe('keys', () => {
  test('are unsealed for signing and fit what is published', async () => {
    const { domains, records } = await withExample()
    const keys = await domains.signingKeys(EXAMPLE)
    expect(keys.map((key) => `${key.selector} ${key.algorithm}`).sort()).toEqual([
      'mw1e ed25519-sha256',
      'mw1r rsa-sha256',
    ])
    for (const key of keys) {
      const spki = createPublicKey(key.privateKey).export({ type: 'spki', format: 'der' })
      const isRsa = key.algorithm === 'rsa-sha256'
      const p = (isRsa ? spki : spki.subarray(-32)).toString('base64')
      expect(one(records, isRsa ? 'dkimRsa' : 'dkimEd25519').value).toEndWith(`p=${p}`)
    }
  })

  test('are made anew for each domain', async () => {
    const { directory, clock, account, domains, ids } = await house()
    const parts = {
      resolver: SILENT,
      secrets: secretsOf([Buffer.alloc(32, 7)]),
      own: OWN,
      onChanged: () => undefined,
    }
    const usual = new Domains({ ...parts, directory, clock, ids })
    for (const name of ['a.example', 'b.example']) await usual.add(account, domain(name))
    const keys = await Promise.all(
      ['a.example', 'b.example'].map((name) => domains.signingKeys(domain(name))),
    )
    expect(new Set(keys.flat().map((key) => key.privateKey)).size).toBe(4)
  })

  test('lie in the store without a trace of the private half', async () => {
    const { directory } = await withExample()
    for (const key of await directory.dkimKeys(EXAMPLE)) {
      expect(Buffer.from(key.sealedPrivateKey).includes('PRIVATE')).toBe(false)
    }
  })

  test('cannot be opened with another master secret, and say so', async () => {
    const { directory, clock, ids } = await withExample()
    const secrets = secretsOf([Buffer.alloc(32, 8)])
    const other = new Domains({
      directory,
      clock,
      ids,
      resolver: SILENT,
      secrets,
      own: OWN,
      onChanged: () => undefined,
    })
    expect(other.signingKeys(EXAMPLE)).rejects.toThrow('cannot be opened: other-secret')
  })
})
