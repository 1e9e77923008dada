//
// Owns: what both engines promise of who is warned, paused and resumed.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import type { SendingState } from '../../../src/store/sending-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const PAUSED: SendingState = {
  accountId: ACCOUNT,
  kind: 'domain',
  name: 'example.com',
  state: 'paused',
  reason: 'complaints, ½ %',
  facts: '{"sent":1}',
  since: NOW,
}

export function sendingContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  test('what is set is told, of one account or of all', async () => {
    const other = {
      ...PAUSED,
      accountId: 'acc_000000000002' as AccountId,
      kind: 'account',
      name: '',
    } as const
    const stream = { ...PAUSED, kind: 'stream', name: 'marketing', state: 'warned' } as const
    for (const one of [other, stream, PAUSED]) {
      expect(await store.sending.set(one, null)).toEqual({ ok: true, value: true })
    }
    expect(await store.sending.list(null)).toEqual([PAUSED, stream, other])
    expect(await store.sending.list(ACCOUNT)).toEqual([PAUSED, stream])
    expect(await store.sending.list('acc_000000000003' as AccountId)).toEqual([])
  })

  test('of several that judge at once one is heard', async () => {
    const warned = { ...PAUSED, state: 'warned' } as const
    expect(await store.sending.set(warned, null)).toEqual({ ok: true, value: true })
    expect(await store.sending.set(PAUSED, null)).toEqual({ ok: true, value: false })
    const paused = { ...PAUSED, since: NOW + 1 }
    expect(await store.sending.set(paused, warned)).toEqual({ ok: true, value: true })
    expect(await store.sending.set({ ...PAUSED, since: NOW + 2 }, warned)).toEqual({ ok: true, value: false })
    expect(await store.sending.list(null)).toEqual([paused])
  })

  test('who is removed is removed as he was known', async () => {
    await store.sending.set(PAUSED, null)
    expect(await store.sending.remove({ ...PAUSED, since: NOW - 1 })).toEqual({ ok: true, value: false })
    expect(await store.sending.remove({ ...PAUSED, state: 'warned' })).toEqual({ ok: true, value: false })
    expect(await store.sending.remove(PAUSED)).toEqual({ ok: true, value: true })
    expect(await store.sending.list(null)).toEqual([])
  })
}
