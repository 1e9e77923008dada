//
// Owns: what both engines promise of the log as users read it.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { MailEvent } from '../../../src/core/event.ts'
import type { AccountId, MessageId } from '../../../src/core/ids.ts'
import { DAY } from '../../../src/core/time.ts'
import type { EventAsk } from '../../../src/store/event-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, acceptanceOf, delivered, HOLDER, NOW, type Open } from './samples.ts'

const OTHER = 'acc_000000000002' as AccountId

export function eventContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  const ask = (changes: Partial<EventAsk> = {}): EventAsk => ({
    account: ACCOUNT,
    order: 'asc',
    after: null,
    limit: 100,
    messageId: null,
    types: [],
    recipient: null,
    since: null,
    until: null,
    ...changes,
  })
  const read = async (changes: Partial<EventAsk> = {}) => {
    const { entries } = await store.events.page(ask(changes))
    return entries.map(({ event }) => `${event.type.slice(6)} ${String(event.recipient).split('@')[0]}`)
  }

  const sent = async (name: string, account: AccountId, at: number) => {
    const acceptance = acceptanceOf({
      to: [`${name}@one.example`],
      leased: true,
      message: { accountId: account, createdAt: at, tags: [name] },
    })
    await store.queue.accept(acceptance)
    const settlement = delivered(acceptance)
    const events = settlement.events.map(
      (event) => ({ ...event, accountId: account, recipient: `${name}@one.example`, at }) as MailEvent,
    )
    await store.queue.settle([{ ...settlement, events }], HOLDER)
    return acceptance.message.id
  }

  beforeEach(async () => {
    await store.directory.addAccount({ id: ACCOUNT, name: 'a', plan: 'unlimited', createdAt: NOW })
    await store.directory.addAccount({ id: OTHER, name: 'b', plan: 'unlimited', createdAt: NOW })
  })

  test('come in their order, page by page, and nobody sees those of another', async () => {
    expect(await store.events.page(ask())).toEqual({ entries: [], next: null, isEnd: true })
    await sent('ann', ACCOUNT, NOW)
    await sent('mallory', OTHER, NOW)
    await sent('bob', ACCOUNT, NOW + DAY)
    const all = ['queued ann', 'delivered ann', 'queued bob', 'delivered bob']
    expect(await read()).toEqual(all)
    expect(await read({ order: 'desc' })).toEqual([...all].reverse())
    const first = await store.events.page(ask({ limit: 3 }))
    expect(first.isEnd).toBe(false)
    expect(await read({ after: first.next })).toEqual(['delivered bob'])
    const last = await store.events.page(ask({ limit: 1, order: 'desc' }))
    expect(await read({ after: last.next, order: 'desc' })).toEqual([...all].reverse().slice(1))
    const end = await store.events.end()
    expect(await read({ after: end })).toEqual([])
    await sent('cec', ACCOUNT, NOW + DAY)
    expect(await read({ after: end })).toEqual(['queued cec', 'delivered cec'])
  })

  test('are chosen by type, recipient and time', async () => {
    for (const [name, at] of [
      ['ann', NOW],
      ['bob', NOW + DAY],
      ['cec', NOW + 2 * DAY],
    ] as const)
      await sent(name, ACCOUNT, at)
    expect(await read({ types: ['email.delivered'] })).toEqual([
      'delivered ann',
      'delivered bob',
      'delivered cec',
    ])
    expect(await read({ recipient: 'bob@one.example' })).toEqual(['queued bob', 'delivered bob'])
    expect(await read({ since: NOW + DAY })).toEqual([
      'queued bob',
      'delivered bob',
      'queued cec',
      'delivered cec',
    ])
    expect(await read({ until: NOW + DAY })).toEqual(['queued ann', 'delivered ann'])
    expect(await read({ since: NOW + 1, until: NOW + DAY + 1, types: ['email.queued'] })).toEqual([
      'queued bob',
    ])
    expect(await read({ since: NOW + 9 * DAY })).toEqual([])
  })

  test('bring along what stands in their message', async () => {
    const id = await sent('ann', ACCOUNT, NOW)
    const gone = 'msg_zzzzzzzzzzzz' as MessageId
    expect([...(await store.events.messageFacts([id, gone]))]).toEqual([
      [id, expect.objectContaining({ tags: ['ann'], custom: { order: 7 }, mode: 'live', createdAt: NOW })],
    ])
    await sent('bob', ACCOUNT, NOW)
    expect(await read({ messageId: id })).toEqual(['queued ann', 'delivered ann'])
    expect(await read({ messageId: id, order: 'desc' })).toEqual(['delivered ann', 'queued ann'])
    expect(await read({ messageId: id, account: OTHER })).toEqual([])
  })
}
