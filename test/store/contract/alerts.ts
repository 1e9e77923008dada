//
// Owns: what both engines promise of alerts.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type AccountEvent, NO_MESSAGE } from '../../../src/core/event.ts'
import type { AccountId, EventId } from '../../../src/core/ids.ts'
import type { StoredAlert } from '../../../src/store/alert-store.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const alert = (over: Partial<StoredAlert> = {}): StoredAlert => ({
  node: 'a',
  trouble: 'disk disk_low /data',
  ailment: 'disk_low',
  subject: '/data',
  why: 'little is left',
  fix: 'df -h',
  isOpen: true,
  since: NOW,
  owed: 'raised',
  told: '',
  toldAt: null,
  version: 1,
  ...over,
})

const event = (id: string, accountId: AccountId): AccountEvent => ({
  id: id as EventId,
  accountId,
  messageId: NO_MESSAGE,
  recipient: null,
  type: 'alert.raised',
  subject: '/data',
  at: NOW,
  details: {},
})

export function alertContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())
  const told = async () =>
    (await store.log.read(LOG_START, 100)).filter(({ event }) => event.type === 'alert.raised').length

  test('of two nodes that see the same one is first, and its event alone is in the log', async () => {
    const both = await Promise.all([
      store.alerts.put(alert({ node: '' }), event('evt_1', ACCOUNT)),
      store.alerts.put(alert({ node: '' }), event('evt_2', ACCOUNT)),
    ])
    expect(both.map((one) => one.ok && one.value).toSorted()).toEqual([false, true])
    expect(await store.alerts.all()).toEqual([alert({ node: '' })])
    expect(await told()).toBe(1)
  })

  test('a change stands in the place of the version before it', async () => {
    await store.alerts.put(alert(), null)
    const next = alert({
      isOpen: false,
      since: NOW + 1,
      told: 'raised',
      owed: 'cleared',
      toldAt: NOW,
      version: 2,
    })
    expect(await store.alerts.put(next, null)).toEqual({ ok: true, value: true })
    expect(await store.alerts.put(next, event('evt_1', ACCOUNT))).toEqual({ ok: true, value: false })
    expect(await store.alerts.all()).toEqual([next])
    expect(await told()).toBe(0)
  })

  test('what is over and told is forgotten after its time', async () => {
    await store.alerts.put(alert({ trouble: 'open', owed: '' }), null)
    await store.alerts.put(alert({ trouble: 'owed', isOpen: false, owed: 'cleared' }), null)
    await store.alerts.put(alert({ trouble: 'over', isOpen: false, owed: '' }), null)
    await store.alerts.forget(NOW)
    expect(await store.alerts.all()).toHaveLength(3)
    await store.alerts.forget(NOW + 1)
    expect((await store.alerts.all()).map(({ trouble }) => trouble)).toEqual(['open', 'owed'])
  })
}
