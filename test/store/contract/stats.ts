//
// Owns: what both engines promise of roll-ups: counts add up, with the follower's move, and come back by range.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { MailEvent } from '../../../src/core/event.ts'
import type { AccountId, MessageId } from '../../../src/core/ids.ts'
import { DAY, HOUR } from '../../../src/core/time.ts'
import { LOG_START, type LogCursor, type LogStep } from '../../../src/store/log-store.ts'
import type { StatCount, StatName } from '../../../src/store/stats-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, acceptanceOf, delivered, HOLDER, ids, NOW, type Open } from './samples.ts'

const MIDNIGHT = NOW - (NOW % DAY)

const count = (of: Partial<StatCount>): StatCount => ({
  accountId: ACCOUNT,
  dimension: 'all',
  name: '',
  span: 'day',
  at: MIDNIGHT,
  metric: 'sent',
  count: 1,
  ...of,
})

export function statsContract(open: Open): void {
  let store: Store
  let place: LogCursor
  beforeEach(async () => {
    store = await open()
    place = LOG_START
    await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  })
  afterEach(() => store.close())

  /** Cursors of both engines look different; a follower takes any that is its own. */
  const stepTo = (to: string): LogStep => ({ follower: 'stats', from: place, to: to as LogCursor })
  async function add(counts: readonly StatCount[], to: string): Promise<void> {
    expect(await store.stats.add(counts, stepTo(to))).toEqual({ ok: true, value: 'done' })
    place = to as LogCursor
  }
  const WHOLE = { account: ACCOUNT, from: MIDNIGHT - 9 * DAY, to: MIDNIGHT + 9 * DAY } as const
  const series = (of: object = {}) =>
    store.stats.series({ ...WHOLE, dimension: 'all', name: '', span: 'day', ...of })
  const totals = (of: object = {}) => store.stats.totals({ ...WHOLE, dimension: 'tag', limit: 10, ...of })

  test('counts add up, metric by metric', async () => {
    await add([count({ count: 2 }), count({ metric: 'bounced.hard.mailbox_unknown' })], '1')
    await add([count({ count: 3 }), count({ at: MIDNIGHT + DAY, count: 7 })], '2')
    await add([], '3')
    expect(await series()).toEqual([
      {
        at: MIDNIGHT,
        counts: new Map([
          ['bounced.hard.mailbox_unknown', 1],
          ['sent', 5],
        ]),
      },
      { at: MIDNIGHT + DAY, counts: new Map([['sent', 7]]) },
    ])
    expect(await store.log.cursor('stats')).toBe('3' as LogCursor)
  })

  test('who was overtaken counts nothing', async () => {
    await add([count({})], '5')
    const late: LogStep = { follower: 'stats', from: LOG_START, to: '4' as LogCursor }
    expect(await store.stats.add([count({ count: 100 })], late)).toEqual({ ok: true, value: 'overtaken' })
    expect(await series()).toEqual([{ at: MIDNIGHT, counts: new Map([['sent', 1]]) }])
    expect(await store.log.cursor('stats')).toBe('5' as LogCursor)
  })

  test('a range begins with its start and stops before its end', async () => {
    const days = [-1, 0, 1, 2].map((day) => count({ at: MIDNIGHT + day * DAY }))
    await add(days, '1')
    const found = await series({ from: MIDNIGHT, to: MIDNIGHT + 2 * DAY })
    expect(found.map(({ at }) => at)).toEqual([MIDNIGHT, MIDNIGHT + DAY])
  })

  test('accounts, dimensions, names and spans are apart', async () => {
    const other = 'acc_000000000002' as AccountId
    await add(
      [
        count({ count: 1 }),
        count({ count: 2, accountId: other }),
        count({ count: 3, dimension: 'tag', name: 'welcome' }),
        count({ count: 4, dimension: 'tag', name: "O'Hara, ½ 100%" }),
        count({ count: 5, span: 'hour' }),
      ],
      '1',
    )
    const one = async (of: object) => (await series(of)).map(({ counts }) => counts.get('sent'))
    expect(await one({})).toEqual([1])
    expect(await one({ account: other })).toEqual([2])
    expect(await one({ dimension: 'tag', name: 'welcome' })).toEqual([3])
    expect(await one({ dimension: 'tag', name: "O'Hara, ½ 100%" })).toEqual([4])
    expect(await one({ span: 'hour' })).toEqual([5])
    expect(await one({ dimension: 'campaign', name: 'welcome' })).toEqual([])
  })

  test('totals are of days, the busiest name first, and no more than asked for', async () => {
    const tag = (name: string, of: Partial<StatCount>) => count({ dimension: 'tag', name, ...of })
    await add(
      [
        tag('a', { count: 2 }),
        tag('a', { count: 3, at: MIDNIGHT + DAY }),
        tag('a', { count: 50, span: 'hour', at: MIDNIGHT + HOUR }),
        tag('a', { count: 60, span: 'month', at: Date.UTC(2023, 10) }),
        tag('a', { count: 9, metric: 'opened.human' }),
        tag('b', { count: 6 }),
        tag('c', { count: 1, metric: 'complained' }),
        tag('d', { count: 99, at: MIDNIGHT - 10 * DAY }),
        tag('e', { count: 99, accountId: 'acc_000000000002' as AccountId }),
        count({ dimension: 'provider', name: 'google', count: 99 }),
      ],
      '1',
    )
    const all = [
      { name: 'b', counts: new Map([['sent', 6]]) },
      {
        name: 'a',
        counts: new Map([
          ['opened.human', 9],
          ['sent', 5],
        ]),
      },
      { name: 'c', counts: new Map([['complained', 1]]) },
    ]
    expect(await totals()).toEqual(all)
    expect(await totals({ limit: 1 })).toEqual(all.slice(0, 1))
    expect(await totals({ account: 'acc_000000000003' })).toEqual([])
  })

  test('totals over a long time are of whole months, and of days before and behind', async () => {
    const tag = { dimension: 'tag', name: 'a' } as const
    const on = (span: StatCount['span'], month: number, day: number, sent: number) =>
      count({ ...tag, span, at: Date.UTC(2023, month, day), count: sent })
    // Each of them can be told by its digit.
    await add(
      [
        on('month', 8, 1, 1),
        on('day', 8, 29, 10),
        on('day', 8, 30, 100),
        on('month', 9, 1, 1_000),
        on('day', 9, 1, 10_000),
        on('month', 10, 1, 100_000),
        on('day', 10, 1, 1_000_000),
        on('day', 10, 2, 10_000_000),
      ],
      '1',
    )
    const sent = async (from: number, to: number) =>
      (await totals({ from, to })).map(({ counts }) => counts.get('sent'))
    expect(await sent(Date.UTC(2023, 8, 30), Date.UTC(2023, 10, 2))).toEqual([1_001_100])
    expect(await sent(Date.UTC(2023, 9, 1), Date.UTC(2023, 10, 1))).toEqual([1_000])
    expect(await sent(Date.UTC(2023, 8, 1), Date.UTC(2023, 11, 1))).toEqual([101_001])
    expect(await sent(Date.UTC(2023, 8, 29), Date.UTC(2023, 9, 1))).toEqual([110])
    expect(await sent(Date.UTC(2023, 9, 1), Date.UTC(2023, 9, 31))).toEqual([10_000])
    expect(await sent(Date.UTC(2023, 9, 2), Date.UTC(2023, 9, 31))).toEqual([])
  })

  test('hours are forgotten name by name, days stay', async () => {
    const hour = (of: Partial<StatCount>) => count({ span: 'hour', ...of })
    const tag = { dimension: 'tag', name: 'welcome' } as const
    const other = 'acc_000000000002' as AccountId
    await add(
      [
        hour({ at: MIDNIGHT - HOUR }),
        hour({ at: MIDNIGHT }),
        count({ at: MIDNIGHT - DAY }),
        hour({ ...tag, at: MIDNIGHT - HOUR }),
        hour({ accountId: other, at: MIDNIGHT - 5 * DAY }),
      ],
      '1',
    )
    const seen: unknown[] = []
    for (let after: StatName | null = null; ; ) {
      const done = await store.stats.forgetHours(MIDNIGHT, after)
      if (!done.ok || done.value === null) break
      after = done.value
      seen.push(after)
    }
    expect(seen).toEqual([
      { accountId: ACCOUNT, dimension: 'all', name: '' },
      { accountId: ACCOUNT, ...tag },
      { accountId: other, dimension: 'all', name: '' },
    ])
    const times = async (of: object) => (await series(of)).map(({ at }) => at)
    expect(await times({ span: 'hour' })).toEqual([MIDNIGHT])
    expect(await times({})).toEqual([MIDNIGHT - DAY])
    expect(await times({ span: 'hour', ...tag })).toEqual([])
    expect(await times({ span: 'hour', account: other })).toEqual([])
  })

  test('a stretch of the log is counted by what its events have in common', async () => {
    const one = acceptanceOf({
      leased: true,
      to: ['a@one.example', 'b@one.example', 'c@sandbox.mailwok.test'],
      message: { stream: 'marketing', campaign: 'spring', tags: ['a', 'ü,"'] },
    })
    const played = acceptanceOf({ leased: true, message: { mode: 'test' } })
    const [head] = one.events
    if (head === undefined) throw new Error('no event')
    const gone = { ...head, id: ids.event(), messageId: 'msg_000000000000' as MessageId }
    await store.queue.accept({ ...one, events: [...one.events, gone] })
    await store.queue.accept(played)
    const told = (of: Partial<MailEvent>) =>
      ({ ...head, id: ids.event(), at: NOW + HOUR, ...of }) as MailEvent
    const peer = { mx: 'mx1.one.example', ip: null, software: null }
    const late = {
      type: 'email.bounced',
      peer: { mx: null, ip: null, software: null },
      failure: { type: 'hard', reason: 'mailbox_unknown', enhancedCode: null, diagnostic: '' },
      late: true,
    } as const
    const reader = { type: 'email.opened', ip: null, userAgent: null, why: [] } as const
    const events = [
      told({ type: 'email.delivered', peer, response: '250', elapsed: 20 }),
      told({ type: 'email.delivered', peer: { ...peer, via: 'relay:out' }, response: '250', elapsed: 10.5 }),
      told({ type: 'email.delivered', peer, response: '250', elapsed: 10 }),
      told(late),
      told({ ...reader, machine: true }),
      told({ ...reader, machine: false }),
      told({ ...reader, machine: null }),
    ]
    await store.queue.settle([{ ...delivered(one), events }], HOLDER)
    const ask = { after: LOG_START, limit: 1000, steps: [10, 20, 30] }
    const all = await store.stats.stretch(ask)
    const facts = {
      signingDomain: 'example.com',
      stream: 'marketing',
      tags: ['a', 'ü,"'],
      campaign: 'spring',
    }
    const group = (of: object) => ({
      accountId: ACCOUNT,
      hour: NOW - (NOW % HOUR),
      message: facts,
      taker: null,
      what: null,
      count: 1,
      ...of,
    })
    const later = { hour: NOW - (NOW % HOUR) + HOUR, taker: { mx: 'mx1.one.example', via: '' } }
    const direct = { mx: 'mx1.one.example', via: 'direct' }
    const wanted = [
      group({ type: 'email.queued', count: 2 }),
      group({ type: 'email.queued', message: null }),
      group({ ...later, type: 'email.delivered', what: '0' }),
      group({ ...later, type: 'email.delivered', what: '1' }),
      group({
        ...later,
        type: 'email.delivered',
        what: '1',
        taker: { mx: 'mx1.one.example', via: 'relay:out' },
      }),
      group({ ...later, type: 'email.bounced', what: 'hard.mailbox_unknown.late', taker: direct }),
      group({ ...later, type: 'email.opened', what: '1', taker: direct }),
      group({ ...later, type: 'email.opened', what: '0', taker: direct }),
      group({ ...later, type: 'email.opened', taker: direct }),
    ]
    const inOrder = (groups: readonly unknown[]) => groups.map((one) => JSON.stringify(one, inKeys)).sort()
    expect(inOrder(all?.groups ?? [])).toEqual(inOrder(wanted))
    expect({ events: all?.events, lastAt: all?.lastAt }).toEqual({ events: 12, lastAt: NOW + HOUR })
    // Piece by piece it comes to the same end.
    let after = LOG_START
    let read = 0
    for (;;) {
      const some = await store.stats.stretch({ ...ask, after, limit: 5 })
      if (some === null) break
      read += some.events
      after = some.to
    }
    expect([read, after]).toEqual([12, all?.to ?? LOG_START])
    const entries = await store.log.read(LOG_START, 100)
    expect(entries.at(-1)?.cursor).toBe(after)
  })
}

/** Texts that are equal where the values are. */
const inKeys = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value
