import { describe, expect, test } from 'bun:test'
import { bar, statsText } from '../../cli/stats-tables.ts'
import { figuresOf } from '../../src/services/stats/figures.ts'
import { bucketOf } from '../../src/services/stats/took.ts'

const figures = (of: Record<string, number>, knowsSent = true) =>
  figuresOf(new Map(Object.entries(of)), knowsSent)
const RANGE = {
  from: '2027-01-01T00:00:00.000Z',
  to: '2027-01-03T00:00:00.000Z',
  counted_until: '2027-01-02T09:00:00.000Z',
}
const ONE = {
  sent: 1200,
  delivered: 1000,
  deferred: 7,
  'bounced.hard.mailbox_unknown': 20,
  'bounced.soft.spam': 5,
  bounced_late: 3,
  complained: 2,
  'opened.human': 300,
  'opened.machine': 400,
  'clicked.human': 11,
  [`took.${bucketOf(900)}`]: 1000,
}

describe('bars', () => {
  test.each([
    [0, 10, ''],
    [10, 10, '████████████████████'],
    [5, 10, '██████████'],
    [1, 100_000, '▏'],
    [53, 160, '██████▋'],
    [0, 0, ''],
  ])('%p of %p', (count, most, want) => expect(bar(count, most)).toBe(want))
})

test('a series: a line per day, then all of it in words', () => {
  const text = statsText({
    ...RANGE,
    by: 'day',
    dimension: 'all',
    name: null,
    totals: figures(ONE),
    series: [
      { at: '2027-01-01T00:00:00.000Z', ...figures(ONE) },
      { at: '2027-01-02T00:00:00.000Z', ...figures({ sent: 600 }) },
    ],
  })
  expect(
    text,
  ).toBe(`AT          MAIL                        DELIVERED  DEFERRED  BOUNCED  COMPLAINED  OPENED  CLICKED  UNSUBSCRIBED  P95
2027-01-01  1200  ████████████████████  1000       7         25       2           300     11       0             1.1 s
2027-01-02  600   ██████████            0          0         0        0           0       0        0             –

sent          1200
delivered     1000 (83.33 %)
bounced       25 (20 hard, 5 soft, 3 late)
reasons       mailbox_unknown 20, spam 5
complained    2 (0.20 %)
opened        300 by people, 0 nobody can tell, 400 by machines
clicked       11 by people, 0 nobody can tell, 0 by machines
unsubscribed  0
suppressed    0
cancelled     0
failed        0
took          976 ms p50, 1.1 s p95, 1.1 s p99

Counted until 2027-01-02 09:00:00 UTC.`)
})

test('by hour the hour is told', () => {
  const at = '2027-01-01T07:00:00.000Z'
  const none = figures({})
  const series = [{ at, ...none }]
  const text = statsText({ ...RANGE, by: 'hour', dimension: 'all', name: null, totals: none, series })
  expect(text).toContain('\n2027-01-01 07:00  0')
})

test('names: where nobody knows what was sent, the bar is of what has an answer; strangers steer nothing', () => {
  const names = [
    { name: 'google', ...figures({ delivered: 8, 'bounced.soft.spam': 2 }, false) },
    { name: 'evil\u001b[2J', ...figures({ delivered: 5 }, false) },
  ]
  const text = statsText({ ...RANGE, dimension: 'provider', names, has_more: true })
  expect(text).toMatch(/^google +10 +█{20} +8 /m)
  expect(text).toMatch(/^evil\ufffd\[2J +5 +█{10} +5 /m)
  expect(text).toContain('\n\nThere are more: --limit shows them.\n')
})

test('no names', () => {
  expect(statsText({ ...RANGE, dimension: 'tag', names: [], has_more: false })).toBe(
    '(none)\n\nCounted until 2027-01-02 09:00:00 UTC.',
  )
})
