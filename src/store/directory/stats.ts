//
// Owns: the statements over roll-ups, for both engines. What is read comes as one text per point: a year crosses to the
// serving thread as 366 short rows, not as the 10,000 that it is.

import type { AccountId } from '../../core/ids.ts'
import { fault, ok } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { Executor } from '../executor.ts'
import { cursorStep } from '../log.ts'
import { type Counts, type KeptDimension, monthOf, type StatCount, type StatsStore } from '../stats-store.ts'
import type { Store } from '../store.ts'
import { stretchOn } from './stats-stretch.ts'
import { each, placesOn } from './texts.ts'
import { settled } from './writes.ts'

type Engine = Store['engine']

/** Both count places by their number, and each has its own way to list JSON and to join texts. */
function textsFor(engine: Engine) {
  const at = placesOn(engine)
  const whole = (place: number): string => `CAST(${at(place)} AS bigint)`
  const joined = `${engine === 'sqlite' ? 'group_concat' : 'string_agg'}(metric || ' ' || count, ',')`
  // What feedback is judged by has days alone, and is judged by the last of them.
  const span = `span = CASE ${at(2)} WHEN 'feedback' THEN 'day' ELSE 'hour' END`
  const ofDimension = `account_id = ${at(1)} AND dimension = ${at(2)}`
  return {
    add: `INSERT INTO stats (account_id, dimension, name, span, at, metric, count)
      SELECT value->>0, value->>1, value->>2, value->>3, CAST(value->>4 AS bigint), value->>5,
             CAST(value->>6 AS bigint)
        FROM ${each(engine)} WHERE true
      ON CONFLICT (account_id, dimension, name, span, at, metric)
      DO UPDATE SET count = stats.count + excluded.count`,
    series: `SELECT at, ${joined} AS counts FROM stats
      WHERE ${ofDimension} AND name = ${at(3)} AND span = ${at(4)} AND at >= ${at(5)} AND at < ${at(6)}
      GROUP BY at ORDER BY at`,
    // From name to name by the key: rows of hours, twenty times as many, are never touched.
    totals: `WITH RECURSIVE ranges (span, low, high) AS (
        SELECT 'day', ${whole(3)}, ${whole(4)} UNION ALL
        SELECT 'month', ${whole(4)}, ${whole(5)} UNION ALL
        SELECT 'day', ${whole(5)}, ${whole(6)}),
      names (name) AS (
        SELECT min(name) FROM stats WHERE ${ofDimension}
        UNION ALL
        SELECT (SELECT min(name) FROM stats WHERE ${ofDimension} AND name > names.name)
          FROM names WHERE names.name IS NOT NULL),
      sums AS (
        SELECT stats.name AS name, metric, sum(count) AS count FROM names CROSS JOIN ranges CROSS JOIN stats
         WHERE ${ofDimension} AND stats.name = names.name AND stats.span = ranges.span AND at >= low AND at < high
         GROUP BY stats.name, metric)
      SELECT name, ${joined} AS counts FROM sums GROUP BY name
       ORDER BY sum(CASE WHEN metric IN ('sent', 'delivered') THEN count ELSE 0 END) DESC, name LIMIT ${at(7)}`,
    next: `SELECT account_id, dimension, name FROM stats
      WHERE (account_id, dimension, name) > (${at(1)}, ${at(2)}, ${at(3)})
      ORDER BY account_id, dimension, name LIMIT 1`,
    anyHour: `SELECT at FROM stats
      WHERE ${ofDimension} AND name = ${at(3)} AND ${span} AND at < ${at(4)} LIMIT 1`,
    forgetHours: `DELETE FROM stats
      WHERE ${ofDimension} AND name = ${at(3)} AND ${span} AND at < ${at(4)}`,
  }
}

const rowOf = (one: StatCount) => [
  one.accountId,
  one.dimension,
  one.name,
  one.span,
  one.at,
  one.metric,
  one.count,
]

/** The order of the key: the writer then walks its tree in one direction. */
function inOrder(one: StatCount, other: StatCount): number {
  return (
    compared(one.accountId, other.accountId) ||
    compared(one.dimension, other.dimension) ||
    compared(one.name, other.name) ||
    compared(one.span, other.span) ||
    one.at - other.at ||
    compared(one.metric, other.metric)
  )
}

const compared = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** From when to when there are whole months; days stand before and behind. */
function monthsIn(from: Milliseconds, to: Milliseconds): readonly [Milliseconds, Milliseconds] {
  const first = monthOf(from) === from ? from : monthOf(monthOf(from) + 32 * DAY)
  const last = monthOf(to)
  return first < last ? [first, last] : [to, to]
}

function countsOf(text: string): Counts {
  const counts = new Map<string, number>()
  for (const pair of text.split(',')) {
    const space = pair.lastIndexOf(' ')
    counts.set(pair.slice(0, space), Number(pair.slice(space + 1)))
  }
  return counts
}

interface NameRow {
  readonly account_id: string
  readonly dimension: string
  readonly name: string
}

const isAsked = (dimension: KeptDimension): boolean => dimension !== 'feedback' && dimension !== 'reporter'

/** What reads away from the serving thread. */
export interface StatsReaders {
  /** What users ask. */
  readonly ranges: Pick<Executor, 'read'>
  /** What is read to keep it. Apart: nobody who asks waits for that. */
  readonly upkeep: Pick<Executor, 'read'>
}

export function statsOn(
  engine: Engine,
  executor: Executor,
  { ranges, upkeep }: StatsReaders = { ranges: executor, upkeep: executor },
): StatsStore {
  const text = textsFor(engine)
  const step = cursorStep(engine)
  return {
    async add(counts, move) {
      const rows = counts.toSorted(inOrder).map(rowOf)
      const effects = rows.length === 0 ? [] : [{ sql: text.add, values: [JSON.stringify(rows)] }]
      const written = await executor.write([...step(move), ...effects])
      if (written.ok) return ok('done')
      return written.error === 'exists' ? ok('overtaken') : fault(written.error)
    },
    async series({ account, dimension, name, span, from, to }) {
      const values = [account, dimension, name, span, from, to]
      const rows = await ranges.read<{ at: number | string; counts: string }>({ sql: text.series, values })
      return rows.map((row) => ({ at: Number(row.at), counts: countsOf(row.counts) }))
    },
    async totals({ account, dimension, from, to, limit }) {
      const [first, last] = monthsIn(from, to)
      const values = [account, dimension, from, first, last, to, limit]
      const reader = isAsked(dimension) ? ranges : upkeep
      const rows = await reader.read<{ name: string; counts: string }>({ sql: text.totals, values })
      return rows.map((row) => ({ name: row.name, counts: countsOf(row.counts) }))
    },
    async forgetHours(before, after) {
      const last = after === null ? ['', '', ''] : [after.accountId, after.dimension, after.name]
      const [row] = await upkeep.read<NameRow>({ sql: text.next, values: last })
      if (row === undefined) return ok(null)
      const values = [row.account_id, row.dimension, row.name, before]
      // Most names of long ago have no hours any more, and need no commit.
      if ((await upkeep.read({ sql: text.anyHour, values })).length > 0) {
        const written = settled(await executor.write([{ sql: text.forgetHours, values }]))
        if (!written.ok) return written
      }
      return ok({
        accountId: row.account_id as AccountId,
        dimension: row.dimension as KeptDimension,
        name: row.name,
      })
    },
    stretch: stretchOn(engine, upkeep),
  }
}
