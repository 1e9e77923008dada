//
// Owns: answers about what became of mail: a series of figures with their total, or the names of a dimension.

import type { AccountId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'
import type { LogStore } from '../../store/log-store.ts'
import type { Counts, StatsStore } from '../../store/stats-store.ts'
import type { StatsAsk, StatsNamesAsk, StatsSeriesAsk } from './ask.ts'
import { STATS } from './counting.ts'
import { type Figures, figuresOf, summed } from './figures.ts'

export type StatsReport = StatsSeries | StatsNames

interface Head {
  readonly from: string
  readonly to: string
  readonly dimension: string
  /** What happened before is counted. */
  readonly counted_until: string
}
export interface StatsSeries extends Head {
  readonly by: string
  /** Null for all. */
  readonly name: string | null
  readonly totals: Figures
  /** Every hour or day from `from` on, those too in which nothing was counted. */
  readonly series: readonly (Figures & { readonly at: string })[]
}
export interface StatsNames extends Head {
  /** The busiest first. */
  readonly names: readonly (Figures & { readonly name: string })[]
  /** There are more names than were asked for. */
  readonly has_more: boolean
}

export interface StatsParts {
  readonly store: Pick<StatsStore, 'series' | 'totals'>
  readonly log: Pick<LogStore, 'cursor' | 'read'>
  readonly clock: Pick<Clock, 'now'>
}

export class Stats {
  readonly #parts: StatsParts

  constructor(parts: StatsParts) {
    this.#parts = parts
  }

  async report(account: AccountId, ask: StatsAsk): Promise<StatsReport> {
    // Before the figures are read: they hold what it says, and maybe more.
    const until = iso(await this.#countedUntil())
    return ask.kind === 'series' ? this.#series(account, ask, until) : this.#names(account, ask, until)
  }

  /** The first event that is not counted says so. */
  async #countedUntil(): Promise<Milliseconds> {
    const { clock, log } = this.#parts
    const now = clock.now()
    const [next] = await log.read(await log.cursor(STATS), 1)
    return next === undefined ? now : Math.min(now, next.event.at)
  }

  async #series(account: AccountId, ask: StatsSeriesAsk, until: string): Promise<StatsSeries> {
    const { by, dimension, from, name, to } = ask
    const points = await this.#parts.store.series({ account, dimension, name, span: by, from, to })
    const counted = new Map(points.map(({ at, counts }) => [at, counts]))
    const knowsSent = dimension !== 'provider'
    const series: StatsSeries['series'][number][] = []
    for (let at = from; at < to; at += by === 'hour' ? HOUR : DAY) {
      series.push({ at: iso(at), ...figuresOf(counted.get(at) ?? NOTHING, knowsSent) })
    }
    const totals = figuresOf(summed(counted.values()), knowsSent)
    return { ...headOf(ask, until), by, name: dimension === 'all' ? null : name, totals, series }
  }

  async #names(account: AccountId, ask: StatsNamesAsk, until: string): Promise<StatsNames> {
    const { dimension, from, limit, to } = ask
    const found = await this.#parts.store.totals({ account, dimension, from, to, limit: limit + 1 })
    const knowsSent = dimension !== 'provider'
    const names = found.slice(0, limit).map(({ counts, name }) => ({ name, ...figuresOf(counts, knowsSent) }))
    return { ...headOf(ask, until), names, has_more: found.length > limit }
  }
}

const NOTHING: Counts = new Map()

const headOf = ({ dimension, from, to }: StatsAsk, until: string): Head => ({
  from: iso(from),
  to: iso(to),
  dimension,
  counted_until: until,
})

const iso = (at: Milliseconds): string => new Date(at).toISOString()
