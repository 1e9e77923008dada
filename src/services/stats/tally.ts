//
// Owns: counts of a stretch of the log by account, dimension, name and time, added up before they go to the store.

import type { AccountId } from '../../core/ids.ts'
import type { Milliseconds } from '../../core/time.ts'
import {
  dayOf,
  type KeptDimension,
  monthOf,
  type StatCount,
  type StatGroup,
} from '../../store/stats-store.ts'
import { type FedBack, feedbackOf } from './feedback-counts.ts'
import { metricsOf } from './metrics.ts'
import type { Names } from './names.ts'

interface Cell {
  readonly accountId: AccountId
  readonly dimension: KeptDimension
  readonly name: string
  readonly hour: Milliseconds
  readonly counts: Map<string, number>
}

/** What is counted of some events that are alike. */
interface Counted {
  readonly of: Pick<StatGroup, 'accountId' | 'hour' | 'count'>
  readonly metrics: readonly string[]
}

export class Tally {
  readonly #names: Names
  readonly #cells = new Map<string, Cell>()
  /** By day alone: nobody asks for its hours. */
  readonly #days = new Map<string, StatCount>()

  constructor(names: Names) {
    this.#names = names
  }

  /** `provider`: whom it concerns; null where nobody can tell. */
  add(group: StatGroup, provider: string | null): void {
    const { message, type } = group
    const counted = { of: group, metrics: metricsOf(group) }
    this.#count(counted, 'all', '')
    // Where mail will go is not known when it is accepted: there is no `sent` by provider.
    if (provider !== null && type !== 'email.queued') this.#count(counted, 'provider', provider)
    if (message === null) return
    this.#count(counted, 'domain', message.signingDomain)
    this.#count(counted, 'stream', message.stream)
    if (message.campaign !== null) this.#count(counted, 'campaign', message.campaign)
    // A tag that is given twice is one tag, also when two of them share the name under which they are counted.
    const tags = new Set(message.tags.map((tag) => this.#named(group, 'tag', tag)))
    for (const tag of tags) this.#put(counted, 'tag', tag)
  }

  /** What provider feedback is judged by. */
  addFeedback(group: StatGroup, provider: string | null, reports: (provider: string) => boolean): void {
    for (const one of feedbackOf(group, provider, reports)) this.#day(one, group)
  }

  /** Hours, and the days and months that they make. */
  counts(): readonly StatCount[] {
    const counts: StatCount[] = []
    const longer = new Map<string, StatCount>()
    for (const { accountId, dimension, name, hour, counts: cell } of this.#cells.values()) {
      const spans = [
        ['day', dayOf(hour)],
        ['month', monthOf(hour)],
      ] as const
      for (const [metric, count] of cell) {
        counts.push({ accountId, dimension, name, span: 'hour', at: hour, metric, count })
        for (const [span, at] of spans) {
          const key = `${accountId} ${dimension} ${span} ${at} ${metric} ${name}`
          const before = longer.get(key)?.count ?? 0
          longer.set(key, { accountId, dimension, name, span, at, metric, count: before + count })
        }
      }
    }
    return [...counts, ...longer.values(), ...this.#days.values()]
  }

  #day({ accountId, dimension, metric, name }: FedBack, { count, hour }: StatGroup): void {
    // Who has reported once stays known.
    const at = dimension === 'reporter' ? 0 : dayOf(hour)
    const key = `${accountId} ${dimension} ${at} ${metric} ${name}`
    const before = this.#days.get(key)?.count ?? 0
    this.#days.set(key, { accountId, dimension, name, span: 'day', at, metric, count: before + count })
  }

  #named(group: StatGroup, dimension: KeptDimension, name: string): string {
    return this.#names.counted(group.accountId, dimension, group.hour, name)
  }

  #count(counted: Counted & { readonly of: StatGroup }, dimension: KeptDimension, name: string): void {
    this.#put(counted, dimension, name === '' ? '' : this.#named(counted.of, dimension, name))
  }

  #put({ metrics, of }: Counted, dimension: KeptDimension, name: string): void {
    const { accountId, count, hour } = of
    const key = `${accountId} ${dimension} ${hour} ${name}`
    let cell = this.#cells.get(key)
    if (cell === undefined) {
      cell = { accountId, dimension, name, hour, counts: new Map() }
      this.#cells.set(key, cell)
    }
    for (const metric of metrics) cell.counts.set(metric, (cell.counts.get(metric) ?? 0) + count)
  }
}
