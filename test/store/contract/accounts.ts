// Owns: accounts, their keys and what they have sent, as every engine must keep them.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { FULL_ACCESS } from '../../../src/core/access.ts'
import { type ApiKey, newAccount } from '../../../src/core/account.ts'
import { NO_MESSAGE } from '../../../src/core/event.ts'
import type { AccountId, InvitationId, KeyId } from '../../../src/core/ids.ts'
import { ok } from '../../../src/core/result.ts'
import type { QuotaClaim } from '../../../src/store/account-store.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, domainNamed, ids, mailboxNamed, NOW, type Open } from './samples.ts'

const OTHER = 'acc_000000000002' as AccountId
const account = newAccount({ id: ACCOUNT, name: 'default', plan: 'unlimited', createdAt: NOW })
const other = newAccount({ id: OTHER, name: 'shop', plan: 'free', createdAt: NOW })
const MONTH = '2027-01'

const keyOf = (accountId: AccountId, of: Partial<ApiKey> = {}): ApiKey => ({
  id: ids.key(),
  accountId,
  name: 'k',
  mode: 'live',
  prefix: 'mwk_live_ab',
  createdAt: NOW,
  lastUsedAt: null,
  lastUsedFrom: null,
  revokedAt: null,
  ...FULL_ACCESS,
  ...of,
})
const hashOf = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()

export function accountContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.directory.addAccount(account)
    await store.directory.addAccount(other)
  })
  afterEach(() => store.close())

  describe('accounts', () => {
    test('have a name that is theirs alone, a plan and settings', async () => {
      const { directory } = store
      expect(await directory.renameAccount(OTHER, 'default')).toEqual({ ok: false, error: 'exists' })
      expect((await directory.renameAccount(OTHER, 'Läden & Söhne')).ok).toBe(true)
      await directory.setPlan(OTHER, 'starter')
      await directory.saveSettings(OTHER, { timeZone: 'Europe/Paris', contact: 'a@b.example' })
      expect(await directory.account(OTHER)).toEqual({
        ...other,
        name: 'Läden & Söhne',
        plan: 'starter',
        settings: { timeZone: 'Europe/Paris', contact: 'a@b.example' },
      })
      expect(await directory.account(ACCOUNT)).toEqual(account)
    })

    test('are suspended and resumed, and never come back from being deleted', async () => {
      const { directory } = store
      const state = { state: 'suspended', reason: 'Why not.', since: NOW + 1 } as const
      expect(await directory.setAccountState(OTHER, state)).toEqual(ok(true))
      expect(await directory.idleAccounts()).toEqual([{ ...other, ...state }])
      const active = { state: 'active', reason: '', since: NOW + 2 } as const
      expect(await directory.setAccountState(OTHER, active)).toEqual(ok(true))
      expect(await directory.idleAccounts()).toEqual([])
      await directory.setAccountState(OTHER, { state: 'deleting', reason: '', since: NOW + 3 })
      expect(await directory.setAccountState(OTHER, active)).toEqual(ok(false))
      expect(await directory.setAccountState('acc_x' as AccountId, state)).toEqual(ok(false))
    })
  })

  describe('keys', () => {
    const limited = {
      scopes: ['email:send', 'keys'],
      domains: [domainNamed('example.com')],
      addresses: [mailboxNamed('shop@example.org')],
      networks: ['192.0.2.0/24', '2001:db8::/32'],
      expiresAt: NOW + 1000,
    } as const

    test('keep their limits, and change them until they are revoked', async () => {
      const { directory } = store
      const key = keyOf(ACCOUNT, limited)
      await directory.addKey(key, hashOf('a'))
      expect(await directory.keyByHash(hashOf('a'))).toEqual(key)
      expect(await directory.changeKey(key.id, { name: 'n', ...FULL_ACCESS })).toEqual(ok(true))
      expect(await directory.keyByHash(hashOf('a'))).toEqual({ ...key, name: 'n', ...FULL_ACCESS })
      await directory.revokeKey(key.id, NOW + 5)
      expect(await directory.changeKey(key.id, { name: 'late', ...limited })).toEqual(ok(false))
      expect(await directory.changeKey('key_x' as KeyId, { name: 'x', ...limited })).toEqual(ok(false))
    })

    test('that are revoked or get limits leave no invitation behind', async () => {
      const { directory, people } = store
      const keys = [keyOf(ACCOUNT), keyOf(ACCOUNT), keyOf(ACCOUNT)]
      for (const [at, { id, ...key }] of keys.entries()) {
        await directory.addKey({ ...key, id }, hashOf(id))
        const of = {
          accountId: ACCOUNT,
          address: `k${at}@example.com`,
          role: 'viewer',
          invitedBy: id,
        } as const
        const times = { createdAt: NOW, expiresAt: NOW + 1000 }
        await people.invite({ id: `inv_00000000000${at}` as InvitationId, ...of, ...times }, hashOf(id))
      }
      const [one, two, three] = keys.map(({ id }) => id) as [KeyId, KeyId, KeyId]
      const open = async () =>
        (await people.invitations(ACCOUNT)).map(({ invitedBy }) => invitedBy).toSorted()
      await directory.changeKey(one, { name: 'renamed', ...FULL_ACCESS })
      expect(await open()).toEqual([one, two, three])
      await directory.changeKey(two, { name: 'k', ...limited })
      expect(await open()).toEqual([one, three])
      await directory.revokeKey(one, NOW)
      expect(await open()).toEqual([three])
    })

    test('of one account are revoked together, and once', async () => {
      const { directory } = store
      const keys = [keyOf(OTHER), keyOf(OTHER, { revokedAt: NOW - 5 }), keyOf(ACCOUNT)]
      for (const [at, key] of keys.entries()) await directory.addKey(key, hashOf(String(at)))
      await directory.revokeKeysOf(OTHER, NOW)
      expect((await directory.keys(OTHER)).map(({ revokedAt }) => revokedAt)).toEqual([NOW, NOW - 5])
      expect((await directory.keys(ACCOUNT)).map(({ revokedAt }) => revokedAt)).toEqual([null])
    })
  })

  describe('quotas', () => {
    const take = (want: number, upTo: number, limit: number, of = ACCOUNT) =>
      store.directory.takeQuota({ account: of, period: MONTH, want, upTo, limit })

    test.each<readonly [before: number, want: number, upTo: number, limit: number, granted: number]>([
      [0, 1, 10, 100, 10],
      [95, 1, 10, 100, 5],
      [95, 5, 5, 100, 5],
      [95, 6, 10, 100, 0],
      [100, 1, 1, 100, 0],
      [120, 1, 1, 100, 0],
      [0, 1, 1, 0, 0],
      [0, 3, 3, 3, 3],
      [-5, 1, 1, 100, 1],
    ])('with %i sent, %i to %i of %i: %i', async (...[before, want, upTo, limit, granted]) => {
      if (before !== 0) {
        await store.directory.countMail([{ account: ACCOUNT, period: MONTH, count: before }])
      }
      expect(await take(want, upTo, limit)).toEqual({ granted, used: before + granted })
      expect((await store.directory.usage(ACCOUNT, [MONTH])).get(MONTH)).toBe(before + granted)
    })

    test('many that ask at once get no more than there is', async () => {
      const all = await Promise.all(Array.from({ length: 60 }, () => take(2, 2, 100)))
      expect(all.filter(({ granted }) => granted === 2)).toHaveLength(50)
      expect((await store.directory.usage(ACCOUNT, [MONTH])).get(MONTH)).toBe(100)
    })

    test('are of one account and one period', async () => {
      await take(5, 5, 10)
      expect(await take(5, 5, 10, OTHER)).toEqual({ granted: 5, used: 5 })
      await store.directory.countMail([
        { account: ACCOUNT, period: '2027-01-15', count: 3 },
        { account: ACCOUNT, period: MONTH, count: -2 },
      ])
      expect(await store.directory.usage(ACCOUNT, [MONTH, '2027-01-15', '2027-02'])).toEqual(
        new Map([
          [MONTH, 3],
          ['2027-01-15', 3],
        ]),
      )
    })

    test('somebody is warned once for each level', async () => {
      const { directory } = store
      const claim = (level: number, subject: string): QuotaClaim => ({
        period: MONTH,
        level,
        event: {
          id: ids.event(),
          accountId: ACCOUNT,
          messageId: NO_MESSAGE,
          recipient: null,
          type: 'account.quota_near',
          subject,
          at: NOW,
          details: { percent: level },
        },
      })
      await take(8, 8, 10)
      const claims = await Promise.all(
        ['day', 'day', 'day'].map((subject) => directory.claimWarning(claim(80, subject))),
      )
      expect(claims.filter((claim) => claim.ok && claim.value)).toHaveLength(1)
      const last = claim(100, 'month')
      expect(await directory.claimWarning(last)).toEqual(ok(true))
      expect(await directory.claimWarning(claim(80, 'month'))).toEqual(ok(false))
      // What is claimed is in the log, and nothing else.
      const told = (await store.log.read(LOG_START, 10)).map(({ event }) => event)
      expect(told).toEqual([
        expect.objectContaining({ subject: 'day', details: { percent: 80 } }),
        last.event,
      ])
    })
  })
}
