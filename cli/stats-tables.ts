// Owns: statistics for a person at a terminal: a line per hour, day or name, with a bar for how much it was; people
// before machines.
// Never: a colour, or a figure that is not in the report.

import type { StatsTold } from '../src/admin/stats-rows.ts'
import { listing, tableOf } from './output.ts'

type Series = Extract<StatsTold, { series: unknown }>
type Figures = Series['totals']

const BAR = 20
/** Eighths of a character. */
const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** As long as its share of the longest; what is there at all is seen. */
export function bar(count: number, most: number): string {
  if (count <= 0 || most <= 0) return ''
  const eighths = Math.max(1, Math.round((count / most) * BAR * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + (PARTS[eighths % 8] ?? '')
}

export function statsText(report: StatsTold): string {
  if ('names' in report) {
    const more = report.has_more ? '\n\nThere are more: --limit shows them.' : ''
    return `${tableOf(rowsOf(report.names, 'name'), ['name', ...COLUMNS])}${more}\n\n${untilOf(report)}`
  }
  const lines = report.series.map((each) => ({ ...each, at: shortly(each.at, report.by) }))
  return `${tableOf(rowsOf(lines, 'at'), ['at', ...COLUMNS])}\n\n${totalsOf(report.totals)}\n\n${untilOf(report)}`
}

const untilOf = ({ counted_until: until }: StatsTold): string =>
  `Counted until ${until.slice(0, 10)} ${until.slice(11, 19)} UTC.`

const COLUMNS = [
  'mail',
  '_',
  'delivered',
  'deferred',
  'bounced',
  'complained',
  'opened',
  'clicked',
  'unsubscribed',
  'p95',
] as const

/** What was sent; by provider, where nobody knows it, what has an answer. */
const mailOf = ({ bounced, delivered, sent }: Figures): number => sent ?? delivered + bounced.total

function rowsOf<K extends 'name' | 'at', T extends Figures & Readonly<Record<K, string>>>(
  all: readonly T[],
  head: K,
) {
  const most = Math.max(0, ...all.map(mailOf))
  return all.map((each) => ({
    [head]: each[head],
    mail: mailOf(each),
    _: bar(mailOf(each), most),
    delivered: each.delivered,
    deferred: each.deferred,
    bounced: each.bounced.total,
    complained: each.complained,
    opened: each.opened.human,
    clicked: each.clicked.human,
    unsubscribed: each.unsubscribed,
    p95: each.time_to_deliver_ms === null ? null : spanOf(each.time_to_deliver_ms.p95),
  })) as readonly Readonly<Record<K | (typeof COLUMNS)[number], string | number | null>>[]
}

function totalsOf(total: Figures): string {
  const { bounced, clicked, opened, time_to_deliver_ms: took } = total
  const reasons = Object.entries(bounced.reasons).map(([reason, count]) => `${reason} ${count}`)
  const readers = ({ human, machine, unknown }: Figures['opened']): string =>
    `${human} by people, ${unknown} nobody can tell, ${machine} by machines`
  return listing([
    ['sent', total.sent],
    ['delivered', `${total.delivered}${shareOf(total.delivered, mailOf(total))}`],
    ['bounced', `${bounced.total} (${bounced.hard} hard, ${bounced.soft} soft, ${bounced.late} late)`],
    ['reasons', reasons],
    ['complained', `${total.complained}${shareOf(total.complained, total.delivered)}`],
    ['opened', readers(opened)],
    ['clicked', readers(clicked)],
    ['unsubscribed', total.unsubscribed],
    ['suppressed', total.suppressed],
    ['cancelled', total.cancelled],
    ['failed', total.failed],
    [
      'took',
      took === null ? null : `${spanOf(took.p50)} p50, ${spanOf(took.p95)} p95, ${spanOf(took.p99)} p99`,
    ],
  ])
}

const shareOf = (count: number, all: number): string =>
  all === 0 ? '' : ` (${((count / all) * 100).toFixed(count === all || count === 0 ? 0 : 2)} %)`

const shortly = (at: string, by: string): string =>
  by === 'hour' ? `${at.slice(0, 10)} ${at.slice(11, 16)}` : at.slice(0, 10)

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

function spanOf(ms: number): string {
  const [unit, long] = UNITS.find(([, least]) => ms >= least) ?? ['ms', 1]
  const count = ms / long
  return `${count < 10 && unit !== 'ms' ? count.toFixed(1) : Math.round(count)} ${unit}`
}
