// Owns: what every engine does with mail that waits for a time of its own.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Message } from '../../../src/core/message.ts'
import { HOUR, MINUTE } from '../../../src/core/time.ts'
import type { Rescheduling } from '../../../src/store/schedule-store.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  contentOfText,
  deferred,
  domainNamed,
  HOLDER,
  ids,
  lineTo,
  NOW,
  type Open,
} from './samples.ts'

const AT = NOW + HOUR
const LATER = NOW + 3 * HOUR

export function scheduleContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  const planned = async (
    to: readonly string[] = ['ann@one.example', 'bob@two.example'],
  ): Promise<Message> => {
    const acceptance = acceptanceOf({ to, dueAt: AT, message: { scheduledAt: AT, expiresAt: AT + HOUR } })
    expect((await store.queue.accept(acceptance)).ok).toBe(true)
    return acceptance.message
  }
  const moved = async (message: Message, change: Partial<Rescheduling> = {}) => {
    const ask = { messageId: message.id, accountId: ACCOUNT, at: LATER, expiresAt: LATER + HOUR, now: NOW }
    const was = (await store.messages.get(message.id, null))?.scheduledAt ?? 0
    const end = await store.schedules.reschedule({ ...ask, was, content: null, fill: null, ...change })
    return end.ok ? end.value : end.error
  }
  const due = async (message: Message) =>
    (await store.messages.deliveries(message.id)).map(({ dueAt }) => dueAt)
  const asks = ['one.example', 'two.example'].map((domain) => ({ line: lineTo(domain), limit: 10 }))

  test('it is kept and claimed with its time, and not before', async () => {
    const message = await planned()
    expect(await store.messages.get(message.id, ACCOUNT)).toMatchObject({ scheduledAt: AT })
    expect(await store.queue.claim(asks, AT - 1, HOLDER)).toEqual([])
    const claimed = await store.queue.claim(asks, AT, HOLDER)
    expect(claimed.map(({ scheduledAt }) => scheduledAt)).toEqual([AT, AT])
  })

  test('all of it goes to another time, later and earlier, with a content of its own', async () => {
    const message = await planned()
    const content = contentOfText('Date: another\r\n\r\n')
    expect(await moved(message, { content })).toBe('moved')
    expect(await store.messages.get(message.id, ACCOUNT)).toMatchObject({
      scheduledAt: LATER,
      expiresAt: LATER + HOUR,
      contentId: content.id,
    })
    expect(await due(message)).toEqual([LATER, LATER])
    expect(await store.queue.nextDueAt()).toBe(LATER)
    expect(await store.queue.claim(asks, LATER - 1, HOLDER)).toEqual([])
    expect(await moved(message, { at: NOW + MINUTE, fill: '{}' })).toBe('moved')
    expect(await store.messages.get(message.id, ACCOUNT)).toMatchObject({ fill: '{}', contentId: content.id })
    expect(await store.queue.nextDueAt()).toBe(NOW + MINUTE)
    expect(await store.queue.claim(asks, NOW + MINUTE, HOLDER)).toHaveLength(2)
  })

  test('more copies than are moved at once', async () => {
    const message = await planned(Array.from({ length: 2500 }, (_, place) => `r${place}@one.example`))
    expect(await moved(message)).toBe('moved')
    expect(new Set(await due(message))).toEqual(new Set([LATER]))
    expect(
      await store.queue.claim([{ line: lineTo('one.example'), limit: 5000 }], LATER, HOLDER),
    ).toHaveLength(2500)
  })

  test('of two who saw the same time one moves it, and the other hears that it is not so any more', async () => {
    const message = await planned()
    const ends = await Promise.all([
      moved(message, { was: AT, fill: '{"header":"one"}' }),
      moved(message, { was: AT, at: LATER + HOUR, fill: '{"header":"two"}' }),
    ])
    expect(ends.toSorted()).toEqual(['begun', 'moved'])
    const winner = ends[0] === 'moved' ? ['{"header":"one"}', LATER] : ['{"header":"two"}', LATER + HOUR]
    const after = await store.messages.get(message.id, ACCOUNT)
    expect([after?.fill, after?.scheduledAt]).toEqual(winner as [string, number])
    expect(new Set(await due(message))).toEqual(new Set([after?.scheduledAt ?? 0]))
    expect(await moved(message, { was: AT })).toBe('begun')
  })

  test('nothing moves once a copy is held by a node, was tried, or all are at their end', async () => {
    const acceptance = acceptanceOf({
      to: ['ann@one.example', 'bob@two.example'],
      dueAt: AT,
      message: { scheduledAt: AT },
    })
    await store.queue.accept(acceptance)
    const held = acceptance.message
    await store.queue.claim([{ line: lineTo('one.example'), limit: 1 }], AT, HOLDER)
    expect([...(await store.schedules.leased(held.id))]).toHaveLength(1)
    expect(await moved(held)).toBe('begun')
    expect(await due(held)).toEqual([AT, AT])
    expect(await store.messages.get(held.id, ACCOUNT)).toMatchObject({ scheduledAt: AT })
    await store.queue.settle([deferred(acceptance, AT + MINUTE)], HOLDER)
    expect(await moved(held)).toBe('begun')
    const cancelled = await planned()
    await store.queue.drop({ messageId: cancelled.id }, NOW, () => ids.event())
    expect(await moved(cancelled)).toBe('begun')
  })

  test('whoever is quicker, a claim or another time: never both with the old one', async () => {
    for (let round = 0; round < 40; round++) {
      const message = await planned(['ann@one.example'])
      const [end, claimed] = await Promise.all([
        moved(message),
        store.queue.claim([{ line: lineTo('one.example'), limit: 10 }], AT, HOLDER),
      ])
      // Where both got it the claim knows the new time, and goes back until then.
      const times = claimed.map(({ scheduledAt }) => scheduledAt)
      expect(end === 'moved' ? times.filter((at) => at !== LATER) : times).toEqual(
        end === 'moved' ? [] : [AT],
      )
      await store.queue.drop({ messageId: message.id }, NOW, () => ids.event())
    }
  })

  test('nobody moves what is of another account, or has no time of its own', async () => {
    const message = await planned()
    expect(await moved(message, { accountId: 'acc_000000000002' as typeof ACCOUNT })).toBe('begun')
    const plain = acceptanceOf({ dueAt: NOW + MINUTE })
    await store.queue.accept(plain)
    expect(await moved(plain.message)).toBe('begun')
    expect(await due(message)).toEqual([AT, AT])
  })

  test('what was cancelled or is held stays so, the rest moves', async () => {
    const message = await planned()
    await store.queue.command('hold', { messageId: message.id, destination: domainNamed('one.example') }, NOW)
    await store.queue.drop({ messageId: message.id, destination: domainNamed('two.example') }, NOW, () =>
      ids.event(),
    )
    expect(await moved(message)).toBe('moved')
    expect(await due(message)).toEqual([null, null])
    expect(await store.queue.command('release', { messageId: message.id }, NOW)).toBe(1)
    expect(await due(message)).toEqual([LATER, null])
  })

  test('retry, release and a clock that was set back leave it where it is', async () => {
    const message = await planned()
    expect(await store.queue.command('retry', {}, NOW)).toBe(0)
    expect(await store.queue.bringForward(NOW, 30 * MINUTE)).toBe(0)
    expect(await store.queue.command('hold', {}, NOW)).toBe(2)
    expect(await store.queue.command('release', { messageId: message.id }, NOW)).toBe(2)
    expect(await due(message)).toEqual([AT, AT])
    expect(await store.queue.command('retry', {}, AT)).toBe(2)
  })

  test('a drop says why, in the event of each', async () => {
    const message = await planned()
    await store.queue.drop({ messageId: message.id }, NOW, () => ids.event(), 'cancelled by the sender')
    const told = (await store.messages.events(message.id)).filter(({ type }) => type === 'email.cancelled')
    expect(told.map((event) => 'reason' in event && event.reason)).toEqual([
      'cancelled by the sender',
      'cancelled by the sender',
    ])
  })

  test('how much lies ahead, and what is next', async () => {
    expect(await store.schedules.overview(NOW, 10)).toEqual({ messages: 0, nextAt: null })
    await planned()
    await planned()
    await store.queue.accept(acceptanceOf({ dueAt: NOW }))
    expect(await store.schedules.overview(NOW, 10)).toEqual({ messages: 2, nextAt: AT })
    expect(await store.schedules.overview(NOW, 1)).toEqual({ messages: 1, nextAt: AT })
    expect(await store.schedules.overview(AT, 10)).toEqual({ messages: 0, nextAt: null })
  })
}
