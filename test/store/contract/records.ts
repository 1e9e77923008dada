//
// Owns: what both engines promise of looking up messages, of accounts, keys, domains and tokens.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { FULL_ACCESS } from '../../../src/core/access.ts'
import { type ApiKey, newAccount, type SendingDomain, type StoredDkimKey } from '../../../src/core/account.ts'
import type { AccountId, ContentId } from '../../../src/core/ids.ts'
import type { Store } from '../../../src/store/store.ts'
import type { TokenAsk } from '../../../src/store/token-ask.ts'
import { ACCOUNT, acceptanceOf, domainNamed, HOLDER, ids, NOW, type Open } from './samples.ts'

/** Changes one byte of a stored content behind the store's back. */
export type Damage = (content: ContentId) => Promise<void>

const account = newAccount({ id: ACCOUNT, name: 'default', plan: 'unlimited', createdAt: NOW })
const other = newAccount({ id: 'acc_000000000002' as AccountId, name: 'shop', plan: 'free', createdAt: NOW })
const key: ApiKey = {
  id: ids.key(),
  accountId: ACCOUNT,
  name: 'shop',
  mode: 'live',
  prefix: 'mwk_live_ab',
  createdAt: NOW,
  lastUsedAt: null,
  lastUsedFrom: null,
  revokedAt: null,
  ...FULL_ACCESS,
}
const hashOf = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
const NO_CHECKS = {
  dkimRsa: false,
  dkimEd25519: false,
  returnPathMx: false,
  returnPathSpf: false,
  dmarc: false,
  tracking: false,
}
const domain: SendingDomain = {
  name: domainNamed('example.com'),
  accountId: ACCOUNT,
  createdAt: NOW,
  verifiedAt: null,
  checkedAt: null,
  checks: NO_CHECKS,
  tracking: { opens: true, clicks: true },
  trackingHost: null,
  dkimRotation: true,
  rotationWanted: false,
}
const dkim: StoredDkimKey = {
  domain: domain.name,
  selector: 'mw1',
  algorithm: 'rsa-sha256',
  publicKey: 'MIIB',
  sealedPrivateKey: Buffer.from([0, 1, 2, 255]),
  createdAt: NOW,
  state: 'active',
  origin: 'made',
  activatedAt: NOW,
  retiredAt: null,
  seenSince: null,
  seenAt: null,
  seenLooks: 0,
}

export function recordsContract(open: Open, damage: Damage): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  describe('look-ups', () => {
    test('another account does not see a message, the operator does', async () => {
      const { message } = await accepted(store)
      expect(await store.messages.get(message.id, other.id)).toBeNull()
      expect(await store.messages.get(message.id, null)).toEqual(message)
      expect(await store.messages.get(ids.message(), null)).toBeNull()
    })

    test('deliveries come in the order of the envelope', async () => {
      const to = Array.from({ length: 12 }, (_, index) => `u${index}@one.example`)
      const { message } = await accepted(store, { to })
      const found = await store.messages.deliveries(message.id)
      expect(found.map((one) => String(one.recipient))).toEqual(to)
    })

    test('contents come by the dozen, missing ones are absent, a changed byte is noticed', async () => {
      const texts = Array.from({ length: 70 }, (_, index) => `Subject: ${index}\r\n\r\nbody\r\n`)
      const all = await Promise.all(texts.map((text) => accepted(store, { text })))
      const wanted = all.map((one) => one.message.contentId)
      const [victim] = wanted
      if (victim === undefined) throw new Error('nothing accepted')
      await damage(victim)
      const found = await store.messages.contents([...wanted, ids.content()])
      expect(found.size).toBe(70)
      expect(found.get(victim)).toBe('damaged')
      const [, second] = all
      const content = second && found.get(second.message.contentId)
      expect(typeof content === 'object' && Buffer.from(content.bytes).toString()).toBe(texts[1] ?? '')
      expect(await store.messages.contents([])).toEqual(new Map())
    })

    test('a large content comes back whole', async () => {
      const { message } = await accepted(store, { text: 'ü'.repeat(3_000_000) })
      const found = (await store.messages.contents([message.contentId])).get(message.contentId)
      expect(typeof found === 'object' && found.bytes.byteLength).toBe(6_000_000)
    })

    test('unknown idempotency keys are null', async () => {
      expect(await store.messages.idempotency(ACCOUNT, 'none')).toBeNull()
    })
  })

  describe('directory', () => {
    test('accounts by id and by name; names are taken once', async () => {
      expect(await store.directory.addAccount(account)).toEqual({ ok: true, value: undefined })
      await store.directory.addAccount(other)
      const twin = await store.directory.addAccount({ ...other, id: 'acc_000000000003' as AccountId })
      expect(twin).toEqual({ ok: false, error: 'exists' })
      await store.directory.setPlan(other.id, 'starter')
      expect(await store.directory.accounts()).toEqual([account, { ...other, plan: 'starter' }])
      expect(await store.directory.account(ACCOUNT)).toEqual(account)
      expect(await store.directory.accountByName('shop')).toMatchObject({ id: other.id })
      expect(await store.directory.accountByName('nobody')).toBeNull()
    })

    test('keys are found by their hash, revoked once, touched in batches', async () => {
      await store.directory.addAccount(account)
      expect((await store.directory.addKey(key, hashOf('secret'))).ok).toBe(true)
      expect(await store.directory.addKey({ ...key, id: ids.key() }, hashOf('secret'))).toEqual({
        ok: false,
        error: 'exists',
      })
      expect(await store.directory.keyByHash(hashOf('secret'))).toEqual(key)
      expect(await store.directory.keyByHash(hashOf('guess'))).toBeNull()
      await store.directory.touchKeys([{ id: key.id, at: NOW + 1, from: '192.0.2.1' }])
      await store.directory.touchKeys([])
      expect(await store.directory.revokeKey(key.id, NOW + 2)).toEqual({ ok: true, value: true })
      expect(await store.directory.revokeKey(key.id, NOW + 3)).toEqual({ ok: true, value: false })
      expect(await store.directory.keys(null)).toEqual([
        { ...key, lastUsedAt: NOW + 1, lastUsedFrom: '192.0.2.1', revokedAt: NOW + 2 },
      ])
      expect(await store.directory.keys(ACCOUNT)).toHaveLength(1)
      expect(await store.directory.keys(other.id)).toEqual([])
    })

    test('a domain comes with its keys in one commit, or not at all', async () => {
      await store.directory.addAccount(account)
      const ed25519: StoredDkimKey = { ...dkim, selector: 'mw2', algorithm: 'ed25519-sha256' }
      expect((await store.directory.addDomain(domain, [dkim, ed25519])).ok).toBe(true)
      expect(await store.directory.addDomain(domain, [])).toEqual({ ok: false, error: 'exists' })
      const second = { ...domain, name: domainNamed('example.net') }
      expect(await store.directory.addDomain(second, [dkim])).toEqual({ ok: false, error: 'exists' })
      expect(await store.directory.domain(second.name)).toBeNull()
      const keys = await store.directory.dkimKeys(domain.name)
      expect(keys.map((one) => ({ ...one, sealedPrivateKey: [...one.sealedPrivateKey] }))).toEqual(
        [dkim, ed25519].map((one) => ({ ...one, sealedPrivateKey: [0, 1, 2, 255] })),
      )
      const checks = { ...NO_CHECKS, dkimRsa: true }
      const care = { lookAt: NOW + 9, wrongSince: null, wrongLooks: 0, told: '', findings: [] }
      const look = {
        name: domain.name,
        checks,
        at: NOW + 5,
        verifiedAt: NOW + 5,
        care,
        sights: [],
        events: [],
      }
      await store.directory.recordLook(look)
      expect(await store.directory.domains(ACCOUNT)).toEqual([
        { ...domain, checks, checkedAt: NOW + 5, verifiedAt: NOW + 5 },
      ])
      const tracking = { opens: false, clicks: true }
      const switches = { tracking, trackingHost: null, dkimRotation: false, rotationWanted: true }
      await store.directory.switchDomain(domain.name, switches)
      expect(await store.directory.domain(domain.name)).toMatchObject({
        checks,
        ...switches,
      })
      expect(await store.directory.domains(other.id)).toEqual([])
      expect(await store.directory.domains(null)).toHaveLength(1)
    })

    test('nobody is suppressed who was not suppressed', async () => {
      const many = Array.from({ length: 100 }, (_, index) => `u${index}@one.example`)
      const ask = { account: ACCOUNT, recipients: many, scopes: [''] as const, now: NOW }
      expect(await store.suppressions.blocking(ask)).toEqual(new Map())
      expect(await store.suppressions.hasAny(ACCOUNT)).toBe(false)
    })
  })

  describe('tokens', () => {
    const ask: TokenAsk = {
      account: ACCOUNT,
      bucket: 'mail',
      want: 1,
      ratePerSecond: 2,
      capacity: 4,
      now: NOW,
    }
    const take = (change: Partial<TokenAsk>) => store.directory.takeTokens({ ...ask, ...change })

    test('what is there is granted, a debt is waited for, no more than the capacity gathers', async () => {
      expect(await take({ want: 3 })).toEqual({ granted: 3, left: 1 })
      expect(await take({ want: 6 })).toEqual({ granted: 6, left: -5 })
      expect(await take({})).toEqual({ granted: 0, left: -5 })
      expect(await take({ now: NOW + 2500 })).toEqual({ granted: 0, left: 0 })
      expect(await take({ now: NOW + 3000 })).toEqual({ granted: 1, left: 0 })
      expect(await take({ now: NOW + 90_000 })).toEqual({ granted: 1, left: 3 })
    })

    test('a clock that was set back gives nothing and takes nothing', async () => {
      expect(await take({ want: 2 })).toEqual({ granted: 2, left: 2 })
      expect(await take({ now: NOW - 60_000 })).toEqual({ granted: 1, left: 1 })
      expect(await take({})).toEqual({ granted: 1, left: 0 })
    })

    test('after a clock was set back by a day tokens come as before', async () => {
      expect(await take({ want: 4 })).toEqual({ granted: 4, left: 0 })
      const back = NOW - 86_400_000
      expect(await take({ now: back })).toEqual({ granted: 0, left: 0 })
      expect(await take({ now: back + 1000 })).toEqual({ granted: 1, left: 1 })
      expect(await take({ now: back + 90_000 })).toEqual({ granted: 1, left: 3 })
    })

    test('buckets and accounts are apart; many at once get what one after another would', async () => {
      await take({ bucket: 'api', want: 4 })
      const grants = await Promise.all(Array.from({ length: 9 }, () => take({})))
      expect(grants.filter((one) => one.granted === 1)).toHaveLength(4)
      expect(await take({ account: other.id })).toEqual({ granted: 1, left: 3 })
    })
  })
}

async function accepted(store: Store, wish: Parameters<typeof acceptanceOf>[0] = {}) {
  const acceptance = acceptanceOf({ holder: HOLDER, ...wish })
  const end = await store.queue.accept(acceptance)
  if (!end.ok) throw new Error(end.error)
  return acceptance
}
