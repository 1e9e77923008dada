//
// Owns: what /v1/stats takes and answers, as schemas (services/stats).

import type { TProperties } from '@sinclair/typebox'
import { t } from 'elysia'
import { STAT_DIMENSIONS } from '../../../store/stats-store.ts'
import { done, instant, nullable, whole, words } from './answers.ts'

const count = whole({ minimum: 0 })
const readers = t.Object(
  { human: count, unknown: count, machine: count },
  { description: 'By people, by programs, and where nobody can tell.' },
)
const FIGURES = {
  sent: nullable(count, { description: 'Null by provider: nobody knows it then.' }),
  delivered: count,
  deferred: whole({ minimum: 0, description: 'Attempts that were put off, not messages.' }),
  bounced: t.Object({
    total: count,
    hard: count,
    soft: count,
    late: whole({ minimum: 0, description: 'Of the total: came back after they were delivered.' }),
    reasons: t.Record(t.String(), count),
  }),
  complained: count,
  opened: readers,
  clicked: readers,
  unsubscribed: count,
  suppressed: count,
  cancelled: count,
  failed: count,
  time_to_deliver_ms: nullable(
    t.Object({ p50: t.Number(), p90: t.Number(), p95: t.Number(), p99: t.Number() }),
  ),
}
export const Figures = t.Object(FIGURES, { title: 'Figures' })
const figuresWith = (more: TProperties) => t.Object({ ...more, ...FIGURES })

const time = (description: string) =>
  t.Optional(t.String({ description, examples: ['2027-01-15', '2027-01-15T10:00:00Z'] }))

export const StatsQuery = t.Object({
  from: time('The first day or hour, UTC; usually 30 days, or 2 days by hour, before `to`.'),
  to: time('Up to here, not included; usually now.'),
  by: t.Optional(words(['hour', 'day'], 'How long a point of the series is. Usually a day.')),
  dimension: t.Optional(words(STAT_DIMENSIONS, 'What is told apart. Usually `all`.')),
  name: t.Optional(
    t.String({ maxLength: 998, description: 'One name of the dimension: its series is answered.' }),
  ),
  limit: t.Optional(
    whole({ minimum: 1, maximum: 1000, description: 'How many names of a dimension; usually 100.' }),
  ),
})

const HEAD = {
  from: instant(),
  to: instant(),
  dimension: words(STAT_DIMENSIONS),
  counted_until: instant('What happened before is counted.'),
}
export const StatsReport = t.Union([
  done({
    ...HEAD,
    by: words(['hour', 'day']),
    name: nullable(t.String(), { description: 'Null for all.' }),
    totals: Figures,
    series: t.Array(figuresWith({ at: instant() }), {
      description: 'Every hour or day, those too in which nothing was counted.',
    }),
  }),
  done({
    ...HEAD,
    names: t.Array(figuresWith({ name: t.String() }), { description: 'The busiest first.' }),
    has_more: t.Boolean(),
  }),
])

export const SendingStates = done({
  data: t.Array(
    t.Object({
      kind: words(['account', 'domain', 'stream']),
      name: nullable(t.String(), { description: 'Null for the account itself.' }),
      state: words(['warned', 'paused', 'resumed']),
      since: instant(),
      reason: t.String(),
    }),
    { description: 'Whatever is absent may send and is far from any limit.' },
  ),
  has_more: t.Literal(false),
})
