//
// Owns: what may be asked of statistics, read out of words: a time, by hour or day, a dimension and a name in it. Pure.

import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'
import { STAT_DIMENSIONS, type StatDimension, type StatSpan } from '../../store/stats-store.ts'

export type StatsAsk = StatsSeriesAsk | StatsNamesAsk

interface Range {
  readonly from: Milliseconds
  /** Not included. */
  readonly to: Milliseconds
  readonly dimension: StatDimension
}
export interface StatsSeriesAsk extends Range {
  readonly kind: 'series'
  readonly by: StatSpan
  /** Empty for `all`. */
  readonly name: string
}
export interface StatsNamesAsk extends Range {
  readonly kind: 'names'
  readonly limit: number
}

/** As they came; null: not given. */
export type StatsWords = Readonly<Record<StatsWord, string | null>>
export const STATS_WORDS = ['from', 'to', 'by', 'dimension', 'name', 'limit'] as const
export type StatsWord = (typeof STATS_WORDS)[number]

export interface StatsFault {
  readonly path: StatsWord
  readonly message: string
}

/** Hours are removed when they are older; days stay. A question reaches back 31 days, and may be asked a little later. */
export const HOURS_KEPT: Milliseconds = 35 * DAY

const SPANS = {
  // As long as a chart has room for, and what is read in a moment.
  hour: { long: HOUR, most: 31 * DAY, usual: 2 * DAY, says: '31 days' },
  day: { long: DAY, most: 366 * DAY, usual: 30 * DAY, says: '366 days' },
} as const satisfies Record<StatSpan, object>

const USUAL_NAMES = 100
const MOST_NAMES = 1_000

export function readStatsAsk(words: StatsWords, now: Milliseconds): Result<StatsAsk, StatsFault> {
  const dimension = STAT_DIMENSIONS.find((one) => one === (words.dimension ?? 'all'))
  if (dimension === undefined) return bad('dimension', `is none of ${STAT_DIMENSIONS.join(', ')}`)
  const by = words.by ?? 'day'
  if (by !== 'hour' && by !== 'day') return bad('by', 'is neither hour nor day')
  if (dimension === 'all' && words.name !== null) return bad('name', 'goes with a dimension other than all')
  if (dimension !== 'all' && words.name === null) {
    return by === 'hour' ? bad('by', 'hour goes with a name, or with all') : readNames(words, dimension, now)
  }
  if (words.limit !== null) return bad('limit', 'goes with the names of a dimension')
  const range = readRange(words, by, now)
  if (!range.ok) return range
  return ok({ kind: 'series', ...range.value, dimension, by, name: words.name ?? '' })
}

function readNames(
  words: StatsWords,
  dimension: StatDimension,
  now: Milliseconds,
): Result<StatsNamesAsk, StatsFault> {
  const limit = Number(words.limit ?? USUAL_NAMES)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_NAMES) {
    return bad('limit', `wants a whole number from 1 to ${MOST_NAMES}`)
  }
  const range = readRange(words, 'day', now)
  return range.ok ? ok({ kind: 'names', ...range.value, dimension, limit }) : range
}

/** Whole hours or days of UTC: what is asked for in between is widened to them. */
function readRange(
  words: StatsWords,
  by: StatSpan,
  now: Milliseconds,
): Result<Pick<Range, 'from' | 'to'>, StatsFault> {
  const { long, most, usual, says } = SPANS[by]
  const end = words.to === null ? now + 1 : readTime(words.to)
  if (end === null) return bad('to', WANTED)
  const to = Math.ceil(end / long) * long
  const start = words.from === null ? to - usual : readTime(words.from)
  if (start === null) return bad('from', WANTED)
  const from = Math.floor(start / long) * long
  if (from >= to) return bad('to', 'does not lie behind from')
  if (to - from > most) return bad('from', `lies more than ${says} before to; by ${by} no more is answered`)
  if (by === 'hour' && from < now - HOURS_KEPT)
    return bad('from', 'is too long ago: hours are kept for 35 days')
  return ok({ from, to })
}

const WANTED = 'wants a day or a time of UTC, such as 2027-01-15 or 2027-01-15T10:00:00Z'
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/

function readTime(text: string): Milliseconds | null {
  const at = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at) || at < 0) return null
  // The runtime takes the 31st of February for the 3rd of March.
  return new Date(at).toISOString().startsWith(text.slice(0, 10)) ? at : null
}

const bad = (path: StatsWord, message: string) => fault({ path, message })
