import { describe, expect, test } from 'bun:test'
import type { MailEvent } from '../../../src/core/event.ts'
import { DAY, HOUR } from '../../../src/core/time.ts'
import type { StatsSeriesAsk } from '../../../src/services/stats/ask.ts'
import { figuresOf, summed } from '../../../src/services/stats/figures.ts'
import { Stats } from '../../../src/services/stats/stats.ts'
import { bucketOf } from '../../../src/services/stats/took.ts'
import { LOG_START, type LogEntry } from '../../../src/store/log-store.ts'
import type { Counts, StatPoint } from '../../../src/store/stats-store.ts'
import { ACCOUNT } from '../../store/contract/samples.ts'

const NOTHING = {
  sent: 0,
  delivered: 0,
  deferred: 0,
  bounced: { total: 0, hard: 0, soft: 0, late: 0, reasons: {} },
  complained: 0,
  opened: { human: 0, unknown: 0, machine: 0 },
  clicked: { human: 0, unknown: 0, machine: 0 },
  unsubscribed: 0,
  suppressed: 0,
  cancelled: 0,
  failed: 0,
  time_to_deliver_ms: null,
} as const

const counts = (of: Record<string, number>): Counts => new Map(Object.entries(of))

describe('figures', () => {
  test('of nothing are zeros', () => expect(figuresOf(new Map())).toEqual(NOTHING))

  test('each count has its place', () => {
    const told = figuresOf(
      counts({
        sent: 1,
        delivered: 2,
        deferred: 3,
        complained: 4,
        unsubscribed: 5,
        suppressed: 6,
        cancelled: 7,
        failed: 8,
        'opened.human': 9,
        'opened.unknown': 10,
        'opened.machine': 11,
        'clicked.human': 12,
        'clicked.unknown': 13,
        'clicked.machine': 14,
      }),
    )
    expect(told).toEqual({
      ...NOTHING,
      sent: 1,
      delivered: 2,
      deferred: 3,
      complained: 4,
      unsubscribed: 5,
      suppressed: 6,
      cancelled: 7,
      failed: 8,
      opened: { human: 9, unknown: 10, machine: 11 },
      clicked: { human: 12, unknown: 13, machine: 14 },
    })
  })

  test('people stand before machines', () => {
    const told = JSON.stringify(figuresOf(new Map()).opened)
    expect(told).toBe('{"human":0,"unknown":0,"machine":0}')
  })

  test('bounces by type and reason, the most frequent first; late ones are among them', () => {
    const { bounced } = figuresOf(
      counts({
        'bounced.hard.mailbox_unknown': 2,
        'bounced.soft.spam': 5,
        'bounced.soft.mailbox_unknown': 1,
        'bounced.soft.blocked': 3,
        bounced_late: 4,
      }),
    )
    expect(bounced).toEqual({
      total: 11,
      hard: 2,
      soft: 9,
      late: 4,
      reasons: { spam: 5, blocked: 3, mailbox_unknown: 3 },
    })
    expect(Object.keys(bounced.reasons)).toEqual(['spam', 'blocked', 'mailbox_unknown'])
  })

  test('how long deliveries took is told within a tenth, where times are spread', () => {
    const buckets = new Map<string, number>()
    for (let took = 1; took <= 10_000; took++) {
      const metric = `took.${bucketOf(took)}`
      buckets.set(metric, (buckets.get(metric) ?? 0) + 1)
    }
    const took = figuresOf(buckets).time_to_deliver_ms
    for (const [told, truth] of [
      [took?.p50, 5000],
      [took?.p90, 9000],
      [took?.p95, 9500],
      [took?.p99, 9900],
    ] as const) {
      expect(Math.abs((told ?? 0) - truth) / truth).toBeLessThan(0.1)
    }
  })

  test('where nobody knows what was sent, it is not zero', () => {
    expect(figuresOf(counts({ delivered: 1 }), false).sent).toBeNull()
  })

  test('sums add each metric', () => {
    expect(summed([counts({ a: 1, b: 2 }), counts({ b: 3 }), counts({})])).toEqual(counts({ a: 1, b: 5 }))
  })
})

describe('a report', () => {
  const asked: unknown[] = []
  const statsOf = (points: readonly StatPoint[], names: readonly string[] = []) =>
    new Stats({
      store: {
        series: async (ask) => {
          asked.push(ask)
          return points
        },
        totals: async ({ limit }) =>
          names.slice(0, limit).map((name) => ({ name, counts: counts({ sent: 1 }) })),
      },
      log: { cursor: async () => LOG_START, read: async () => uncounted },
      clock: { now: () => START + 2 * DAY },
    })
  const START = Date.parse('2027-01-01T00:00:00Z')
  let uncounted: readonly LogEntry[] = []
  const ASK: StatsSeriesAsk = {
    kind: 'series',
    dimension: 'all',
    name: '',
    by: 'day',
    from: START,
    to: START + 3 * DAY,
  }

  test('has every day, and the total of all', async () => {
    const points = [
      { at: START, counts: counts({ sent: 2 }) },
      { at: START + 2 * DAY, counts: counts({ sent: 3, delivered: 1 }) },
    ]
    expect(await statsOf(points).report(ACCOUNT, ASK)).toEqual({
      from: '2027-01-01T00:00:00.000Z',
      to: '2027-01-04T00:00:00.000Z',
      counted_until: '2027-01-03T00:00:00.000Z',
      by: 'day',
      dimension: 'all',
      name: null,
      totals: { ...NOTHING, sent: 5, delivered: 1 },
      series: [
        { at: '2027-01-01T00:00:00.000Z', ...NOTHING, sent: 2 },
        { at: '2027-01-02T00:00:00.000Z', ...NOTHING },
        { at: '2027-01-03T00:00:00.000Z', ...NOTHING, sent: 3, delivered: 1 },
      ],
    })
    expect(asked.at(-1)).toEqual({
      account: ACCOUNT,
      dimension: 'all',
      name: '',
      span: 'day',
      from: START,
      to: START + 3 * DAY,
    })
  })

  test('by hour has every hour', async () => {
    const told = await statsOf([]).report(ACCOUNT, { ...ASK, by: 'hour', to: START + 5 * HOUR })
    expect('series' in told ? told.series.map(({ at }) => at.slice(11, 13)) : []).toEqual([
      '00',
      '01',
      '02',
      '03',
      '04',
    ])
  })

  test('by provider nobody knows what was sent', async () => {
    const told = await statsOf([]).report(ACCOUNT, { ...ASK, dimension: 'provider', name: 'google' })
    expect('totals' in told ? told.totals.sent : 0).toBeNull()
    expect('series' in told ? told.name : null).toBe('google')
  })

  test('of names says whether there are more', async () => {
    const ask = { kind: 'names', dimension: 'tag', from: START, to: START + DAY, limit: 2 } as const
    expect(await statsOf([], ['a', 'b', 'c']).report(ACCOUNT, ask)).toMatchObject({
      names: [{ name: 'a', sent: 1 }, { name: 'b' }],
      has_more: true,
    })
    expect(await statsOf([], ['a', 'b']).report(ACCOUNT, ask)).toMatchObject({ has_more: false })
  })

  test('says until when its figures count', async () => {
    const until = async () => (await statsOf([]).report(ACCOUNT, ASK)).counted_until
    expect(await until()).toBe('2027-01-03T00:00:00.000Z')
    uncounted = [{ cursor: LOG_START, event: { at: START + DAY } as MailEvent }]
    expect(await until()).toBe('2027-01-02T00:00:00.000Z')
    // Another node's clock is ahead of ours.
    uncounted = [{ cursor: LOG_START, event: { at: START + 3 * DAY } as MailEvent }]
    expect(await until()).toBe('2027-01-03T00:00:00.000Z')
    uncounted = []
  })
})
