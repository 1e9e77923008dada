// Owns: what an account leaves behind when it is deleted, on every engine: nothing.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { FULL_ACCESS } from '../../../src/core/access.ts'
import { type ApiKey, newAccount } from '../../../src/core/account.ts'
import type { AccountId } from '../../../src/core/ids.ts'
import type { Suppression } from '../../../src/core/suppression.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, acceptanceOf, ids, NOW, type Open } from './samples.ts'

const OTHER = 'acc_000000000002' as AccountId
const KEY: ApiKey = {
  ...FULL_ACCESS,
  ...{ id: ids.key(), accountId: OTHER, name: 'k', mode: 'live', prefix: 'mwk_live_ab', createdAt: NOW },
  ...{ lastUsedAt: null, lastUsedFrom: null, revokedAt: null },
}
const SUPPRESSION: Omit<Suppression, 'accountId' | 'recipient'> = {
  ...{ scope: '', reason: 'manual', eventId: null, note: '', createdAt: NOW, expiresAt: null },
}
const hashOf = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()

export function purgeContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.directory.addAccount(
      newAccount({ id: ACCOUNT, name: 'default', plan: 'free', createdAt: NOW }),
    )
    await store.directory.addAccount(newAccount({ id: OTHER, name: 'shop', plan: 'free', createdAt: NOW }))
  })
  afterEach(() => store.close())

  describe('purging', () => {
    const always = () => true
    /** A message of the account, all of whose deliveries have ended unless `open`. */
    async function mail(accountId: AccountId, isOpen = false) {
      const accepted = acceptanceOf({ message: { accountId } })
      const { message } = accepted
      expect((await store.queue.accept(accepted)).ok).toBe(true)
      if (!isOpen) await store.queue.drop({ messageId: message.id }, NOW, () => ids.event())
      return message
    }

    test('takes what is finished, of the account alone, and waits for what is owed', async () => {
      const { directory, messages, suppressions } = store
      const mine = [await mail(OTHER), await mail(OTHER), await mail(OTHER, true)]
      const theirs = await mail(ACCOUNT)
      await directory.addKey(KEY, hashOf('mine'))
      const entry = { ...SUPPRESSION, recipient: 'a@example.net' }
      await suppressions.put([
        { ...entry, accountId: OTHER },
        { ...entry, accountId: ACCOUNT },
      ])
      expect(await directory.purge(OTHER, always)).toMatchObject({ owed: 1, complete: true })
      expect(await messages.get(mine[0]?.id ?? theirs.id, null)).toBeNull()
      expect(await messages.contents([mine[0]?.contentId ?? theirs.contentId])).toEqual(new Map())
      expect(await messages.get(mine[2]?.id ?? theirs.id, null)).not.toBeNull()
      await store.queue.drop({ accountId: OTHER }, NOW, () => ids.event())
      expect(await directory.purge(OTHER, always)).toMatchObject({ owed: 0, complete: true })
      expect(await directory.purge(OTHER, always)).toEqual({ removed: 0, owed: 0, complete: true })
      expect(await suppressions.entries(OTHER, 'a@example.net')).toEqual([])
      expect(await suppressions.entries(ACCOUNT, 'a@example.net')).toHaveLength(1)
      expect(await messages.get(theirs.id, ACCOUNT)).not.toBeNull()
      expect((await messages.contents([theirs.contentId])).size).toBe(1)
      expect((await messages.events(theirs.id)).length).toBeGreaterThan(1)
      const record = { actor: 'key_1', action: 'login', subject: '', details: {}, at: NOW }
      const records = Array.from({ length: 450 }, () => ({ ...record, id: ids.audit(), accountId: OTHER }))
      await store.audit.add([...records, { ...record, id: ids.audit(), accountId: ACCOUNT }])
      expect((await directory.removeAccount(OTHER)).ok).toBe(true)
      const whose = { actor: null, action: null, subject: null, after: null, before: null } as const
      const left = await store.audit.page({ account: null, ...whose, since: null, until: null, limit: 999 })
      expect(left.map(({ accountId }) => accountId)).toEqual([ACCOUNT])
      expect(await directory.account(OTHER)).toBeNull()
      expect(await directory.keys(OTHER)).toEqual([])
    })

    test('a content that is still somebody’s stays', async () => {
      const accepted = acceptanceOf({ message: { accountId: OTHER } })
      const { message } = accepted
      await store.queue.accept(accepted)
      await store.queue.accept(acceptanceOf({ message: { contentId: message.contentId } }))
      await store.queue.drop({ accountId: OTHER }, NOW, () => ids.event())
      await store.directory.purge(OTHER, always)
      expect((await store.messages.contents([message.contentId])).size).toBe(1)
    })

    test('ends where it is told to, and goes on from there', async () => {
      for (let i = 0; i < 30; i++) await mail(OTHER)
      let steps = 0
      expect(await store.directory.purge(OTHER, () => ++steps < 3)).toMatchObject({ complete: false })
      const rest = await store.directory.purge(OTHER, always)
      expect(rest.removed).toBeGreaterThan(0)
      expect(rest.complete).toBe(true)
    })

    test('more than one step’s worth of each goes', async () => {
      const count = 450
      const all = Array.from({ length: count }, (_, at) => ({
        ...SUPPRESSION,
        accountId: OTHER,
        recipient: `a${at}@example.net`,
      }))
      await store.suppressions.put(all)
      expect((await store.directory.purge(OTHER, always)).removed).toBe(count)
    })
  })
}
