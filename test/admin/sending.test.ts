import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendingActions } from '../../src/admin/sending.ts'
import { newAccount } from '../../src/core/account.ts'
import type { AccountId } from '../../src/core/ids.ts'
import { openStore } from '../../src/store/open.ts'
import type { SendingState } from '../../src/store/sending-store.ts'
import type { Store } from '../../src/store/store.ts'
import { NOW, storeOptions } from '../store/contract/samples.ts'
import { handClock } from '../support/clock.ts'

const ACCOUNTS = ['shop', 'News'].map((name, at) =>
  newAccount({
    id: `acc_00000000000${at}` as AccountId,
    name,
    plan: 'unlimited',
    createdAt: NOW,
  }),
)
const [shop, news] = ACCOUNTS.map(({ id }) => id) as [AccountId, AccountId]
const SINCE = new Date(NOW).toISOString()

let folder: string
let store: Store
let changed: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-sending-'))
  store = await openStore(`sqlite:${join(folder, 'a.db')}`, storeOptions())
  changed = 0
  await stands(shop, 'domain', 'a.example', 'paused')
  await stands(shop, 'domain', 'b.example', 'warned')
  await stands(shop, 'stream', 'marketing', 'paused')
  await stands(news, 'stream', 'marketing', 'paused')
  await stands(news, 'account', '', 'paused')
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const stands = (
  accountId: AccountId,
  kind: SendingState['kind'],
  name: string,
  state: SendingState['state'],
) => store.sending.set({ accountId, kind, name, state, reason: 'Why.', facts: '{}', since: NOW }, null)

const actions = () => {
  const { log, meter } = storeOptions()
  return sendingActions({
    accounts: { list: async () => ACCOUNTS },
    sending: store.sending,
    clock: handClock(NOW + 5_000),
    log,
    meter,
    changed: async () => {
      changed += 1
    },
  })
}

test('all of them, or those of an account; an account stands under its name', async () => {
  const row = { state: 'paused', since: SINCE, reason: 'Why.' }
  expect(await actions().sendingList({ account: 'News' })).toEqual({
    ok: true,
    value: [
      { ...row, account: 'News', kind: 'account', name: 'News' },
      { ...row, account: 'News', kind: 'stream', name: 'marketing' },
    ] as never,
  })
  expect(await actions().sendingList({ account: null })).toMatchObject({ value: { length: 5 } })
})

test.each<readonly [name: string, account: string | null, want: object]>([
  ['a.example', null, { ok: true, value: { kind: 'domain', account: 'shop', state: 'resumed' } }],
  ['A.Example', null, { ok: true, value: { name: 'a.example' } }],
  ['News', null, { ok: true, value: { kind: 'account' } }],
  ['marketing', 'shop', { ok: true, value: { kind: 'stream', account: 'shop' } }],
  [
    'marketing',
    null,
    {
      ok: false,
      error: {
        code: 'ambiguous',
        message: 'several are called marketing: stream of shop, stream of News; name one by --account',
      },
    },
  ],
  ['b.example', null, { ok: false, error: { code: 'not_found' } }],
  [
    'x.example',
    null,
    {
      ok: false,
      error: {
        message: 'nothing of the name x.example is paused; paused is a.example, marketing, News, marketing',
      },
    },
  ],
])('resume %p, account %p', async (name, account, want) => {
  const done = await actions().sendingResume({ name, account })
  expect(done).toMatchObject(want)
  expect(changed).toBe(done.ok ? 1 : 0)
  const paused = (await store.sending.list(null)).filter(({ state }) => state === 'paused')
  expect(paused).toHaveLength(done.ok ? 3 : 4)
})
