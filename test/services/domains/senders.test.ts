import { afterEach, describe, expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import { NOTHING_SEEN } from '../../../src/services/domains/records.ts'
import { domain } from '../../support/dkim.ts'
import { domainHouse, recordSeen } from '../../support/domains.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const SEEN = { ...NOTHING_SEEN, dkimRsa: true, dkimEd25519: true, returnPathMx: true, returnPathSpf: true }

async function house() {
  const made = await domainHouse()
  closing.push(made.close)
  const account = await made.accountNamed('default')
  const add = async (name: string): Promise<Domain> => {
    const added = await made.domains.add(account, domain(name))
    if (!added.ok) throw new Error(added.error)
    return added.value.domain.name
  }
  const verified = async (name: string): Promise<Domain> => {
    const added = await add(name)
    await recordSeen(made.directory, added, { checks: SEEN, at: 1, verifiedAt: 1 })
    made.senders.forget()
    return added
  }
  return { ...made, account, add, verified }
}

describe('who may sign for a From domain', () => {
  test('nobody, unless it was added', async () => {
    const { senders, account } = await house()
    expect(await senders.factsFor(account, domain('example.com'))).toEqual({ kind: 'unknown' })
  })

  test('an added domain names what is missing', async () => {
    const { senders, account, add } = await house()
    await add('example.com')
    expect(await senders.factsFor(account, domain('a.example.com'))).toEqual({
      kind: 'unverified',
      signingDomain: domain('example.com'),
      missing: [
        'TXT mw1r._domainkey.example.com',
        'TXT mw1e._domainkey.example.com',
        'MX bounce.example.com',
        'TXT bounce.example.com',
      ],
      tracking: { opens: true, clicks: true, hostSeen: false },
    })
  })

  test('a partly published domain names the rest', async () => {
    const { senders, account, add, directory } = await house()
    const name = await add('example.com')
    await recordSeen(directory, name, { checks: { ...SEEN, returnPathSpf: false }, at: 1, verifiedAt: null })
    const facts = await senders.factsFor(account, name)
    expect(facts).toMatchObject({ missing: ['TXT bounce.example.com'] })
  })

  test.each(['example.com', 'news.example.com', 'a.b.c.d.e.f.g.h.i.j.k.l.m.example.com'])(
    'a verified domain signs for %s',
    async (from) => {
      const { senders, account, verified } = await house()
      const signingDomain = await verified('example.com')
      expect(await senders.factsFor(account, domain(from))).toMatchObject({ kind: 'verified', signingDomain })
    },
  )

  test.each(['example.org', 'notexample.com', 'example.com.evil.test'])('but not for %s', async (from) => {
    const { senders, account, verified } = await house()
    await verified('example.com')
    expect(await senders.factsFor(account, domain(from))).toEqual({ kind: 'unknown' })
  })

  test('the nearest verified one wins', async () => {
    const { senders, account, add, verified } = await house()
    await verified('example.com')
    await verified('news.example.com')
    await add('x.news.example.com')
    const facts = await senders.factsFor(account, domain('y.x.news.example.com'))
    expect(facts).toMatchObject({ kind: 'verified', signingDomain: domain('news.example.com') })
  })

  test('a parent that can be registered is the last one asked', async () => {
    const { senders, account, directory } = await house()
    const before = directory.calls.reads
    await senders.factsFor(account, domain('a.b.example.co.uk'))
    expect(directory.calls.reads - before).toBe(3)
    expect(await senders.factsFor(account, domain('co.uk'))).toEqual({ kind: 'unknown' })
  })

  test('another account’s domain is not there', async () => {
    const { senders, verified, accountNamed } = await house()
    await verified('example.com')
    const other = await accountNamed('other')
    expect(await senders.factsFor(other, domain('example.com'))).toEqual({ kind: 'unknown' })
  })
})

describe('the hot path', () => {
  test('asks the store once in five seconds', async () => {
    const { senders, account, verified, directory, clock } = await house()
    const name = await verified('example.com')
    const before = directory.calls.reads
    for (let i = 0; i < 100; i++) await senders.factsFor(account, name)
    expect(directory.calls.reads - before).toBe(1)
    clock.advance(5000)
    await senders.factsFor(account, name)
    expect(directory.calls.reads - before).toBe(2)
  })

  test('hears of a domain that is added or verified here at once', async () => {
    const { senders, account, add, domains } = await house()
    const sub = domain('a.example.com')
    expect(await senders.factsFor(account, sub)).toEqual({ kind: 'unknown' })
    const name = await add('example.com')
    expect(await senders.factsFor(account, sub)).toMatchObject({ kind: 'unverified' })
    await domains.verify(name, account)
    expect(await senders.factsFor(account, sub)).toMatchObject({ kind: 'unverified' })
  })
})
