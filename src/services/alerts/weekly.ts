//
// Owns: the weekly report: when it is due, and its one screen of plain text. Pure.

import type { Diagnosis } from '../../core/diagnosis.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { QueueOverview } from '../../store/store.ts'

export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** In the morning of most; until midnight, within which the same letter is sent once, whichever node has the turn. */
const FROM: Milliseconds = 7 * HOUR
const WEEK: Milliseconds = 7 * DAY

export const isWeekly = (now: Milliseconds, day: Weekday): boolean =>
  WEEKDAYS[new Date(now).getUTCDay()] === day && now % DAY >= FROM

/** Whole days of UTC that are over. */
export function weekBefore(now: Milliseconds): { readonly from: Milliseconds; readonly to: Milliseconds } {
  const to = now - (now % DAY)
  return { from: to - WEEK, to }
}

export interface WeekRow {
  readonly name: string
  /** Null by provider: nobody knows it then. */
  readonly accepted: number | null
  readonly delivered: number
  readonly bounced: number
  readonly complained: number
}

export interface WeekFacts {
  readonly hostname: string
  readonly from: Milliseconds
  readonly to: Milliseconds
  readonly now: Milliseconds
  /** The same name may come more than once. */
  readonly all: readonly WeekRow[]
  readonly providers: readonly WeekRow[]
  readonly overview: Pick<QueueOverview, 'waiting' | 'held' | 'destinations'>
  /** Null: nobody has looked yet. */
  readonly diagnoses: readonly Diagnosis[] | null
}

/** What else there is goes into one line: a screen has two dozen. */
const MOST_PROVIDERS = 8
const MOST_FINDINGS = 8
/** Have a line of their own, well or not. */
const LINES: readonly string[] = ['certificate', 'backup']

export function weeklyText(facts: WeekFacts): string {
  const { diagnoses, from, hostname, to } = facts
  const total = { ...summed('all', facts.all), name: 'all' }
  const providers = [...byName(facts.providers).values()].toSorted((a, b) => b.delivered - a.delivered)
  const shown = providers.slice(0, MOST_PROVIDERS)
  const rest = providers.slice(MOST_PROVIDERS)
  const others = rest.length === 0 ? [] : [summed(`${rest.length} others`, rest)]
  return [
    `${hostname}, ${dayOf(from)} to ${dayOf(to - 1)}`,
    '',
    ...tableOf([total, ...shown, ...others]),
    '',
    queueLine(facts),
    ...LINES.map((check) => lineOf(check, diagnoses)),
    '',
    ...findingsOf(diagnoses),
    '',
    'mailwok stats and mailwok doctor have the details. alerts.weekly_report says on which day this comes, or "off".',
    '',
  ].join('\n')
}

const dayOf = (at: Milliseconds): string => new Date(at).toISOString().slice(0, 10)

function byName(rows: readonly WeekRow[]): ReadonlyMap<string, WeekRow> {
  const found = new Map<string, WeekRow>()
  for (const row of rows)
    found.set(row.name, summed(row.name, [row, ...(found.has(row.name) ? [must(found, row)] : [])]))
  return found
}

const must = (found: ReadonlyMap<string, WeekRow>, row: WeekRow): WeekRow => found.get(row.name) ?? row

function summed(name: string, rows: readonly WeekRow[]): WeekRow {
  const sum = (of: (row: WeekRow) => number): number => rows.reduce((total, row) => total + of(row), 0)
  return {
    name,
    accepted: rows.some(({ accepted }) => accepted === null) ? null : sum(({ accepted }) => accepted ?? 0),
    delivered: sum(({ delivered }) => delivered),
    bounced: sum(({ bounced }) => bounced),
    complained: sum(({ complained }) => complained),
  }
}

const WIDTHS = [20, 11, 11, 18, 20] as const

function tableOf(rows: readonly WeekRow[]): readonly string[] {
  const cells = rows.map(({ accepted, bounced, complained, delivered, name }) => [
    name.slice(0, WIDTHS[0]),
    accepted === null ? '' : String(accepted),
    String(delivered),
    withShare(bounced, delivered + bounced, 1),
    withShare(complained, delivered, 2),
  ])
  return [['', 'accepted', 'delivered', 'bounced', 'complained'], ...cells].map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[at] ?? 0)))
      .join('')
      .trimEnd(),
  )
}

const withShare = (count: number, of: number, digits: number): string =>
  count === 0 || of === 0 ? String(count) : `${count} (${((100 * count) / of).toFixed(digits)} %)`

function queueLine({ now, overview }: WeekFacts): string {
  const due = overview.destinations.map(({ nextDueAt }) => nextDueAt)
  const late = due.length === 0 ? 0 : Math.max(0, now - Math.min(...due))
  const overdue =
    late < MINUTE ? 'none is overdue' : `the oldest has been due for ${Math.round(late / MINUTE)} minutes`
  const held = overview.held === 0 ? '' : `, ${overview.held} held`
  return `queue:        ${overview.waiting} wait${held}; ${overdue}.`
}

function lineOf(check: string, diagnoses: readonly Diagnosis[] | null): string {
  const found = (diagnoses ?? []).filter((one) => one.check === check)
  const said =
    diagnoses === null
      ? 'nobody has looked yet.'
      : found.map(({ why }) => why).join(' ') || 'nothing was found.'
  return `${`${check}:`.padEnd(14)}${said}`
}

function findingsOf(diagnoses: readonly Diagnosis[] | null): readonly string[] {
  if (diagnoses === null) return ['The doctor has not looked yet.']
  const found = diagnoses.filter(
    ({ check, state }) => (state === 'fail' || state === 'warn') && !LINES.includes(check),
  )
  if (found.length === 0) return ['The doctor found nothing else wrong.']
  const lines = found
    .slice(0, MOST_FINDINGS)
    .map((one) => `- ${one.state}: ${one.ailment} (${one.subject}): ${one.why}`)
  const more = found.length - lines.length
  return ['The doctor found:', ...lines, ...(more > 0 ? [`- and ${more} more`] : [])]
}
