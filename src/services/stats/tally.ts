//
// Owns: counts of a stretch of the log by account, dimension, name and time, added up before they go to the store.

import type { MailEvent } from '../../core/event.ts'
import type { AccountId } from '../../core/ids.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'
import { type CountedMessage, monthOf, type StatCount, type StatDimension } from '../../store/stats-store.ts'
import { metricsOf } from './metrics.ts'
import type { Names } from './names.ts'

/** What is known of an event beside itself; null: retention has taken the message, or nobody can tell. */
export interface EventFacts {
  readonly message: CountedMessage | null
  readonly provider: string | null
}

interface Cell {
  readonly accountId: AccountId
  readonly dimension: StatDimension
  readonly name: string
  readonly hour: Milliseconds
  readonly counts: Map<string, number>
}

export class Tally {
  readonly #names: Names
  readonly #cells = new Map<string, Cell>()

  constructor(names: Names) {
    this.#names = names
  }

  add(event: MailEvent, { message, provider }: EventFacts): void {
    const metrics = metricsOf(event)
    this.#count(event, 'all', '', metrics)
    // Where mail will go is not known when it is accepted: there is no `sent` by provider.
    if (provider !== null && event.type !== 'email.queued') this.#count(event, 'provider', provider, metrics)
    if (message === null) return
    this.#count(event, 'domain', message.signingDomain, metrics)
    this.#count(event, 'stream', message.stream, metrics)
    if (message.campaign !== null) this.#count(event, 'campaign', message.campaign, metrics)
    // A tag that is given twice is one tag, also when two of them share the name under which they are counted.
    const tags = new Set(message.tags.map((tag) => this.#named(event, 'tag', tag)))
    for (const tag of tags) this.#put(event, 'tag', tag, metrics)
  }

  /** Hours, and the days and months that they make. */
  counts(): readonly StatCount[] {
    const counts: StatCount[] = []
    const longer = new Map<string, StatCount>()
    for (const { accountId, dimension, name, hour, counts: cell } of this.#cells.values()) {
      const spans = [
        ['day', hour - (hour % DAY)],
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
    return [...counts, ...longer.values()]
  }

  #named(event: MailEvent, dimension: StatDimension, name: string): string {
    return this.#names.counted(event.accountId, dimension, event.at, name)
  }

  #count(event: MailEvent, dimension: StatDimension, name: string, metrics: readonly string[]): void {
    this.#put(event, dimension, name === '' ? '' : this.#named(event, dimension, name), metrics)
  }

  #put(event: MailEvent, dimension: StatDimension, name: string, metrics: readonly string[]): void {
    const { accountId } = event
    const hour = event.at - (event.at % HOUR)
    const key = `${accountId} ${dimension} ${hour} ${name}`
    let cell = this.#cells.get(key)
    if (cell === undefined) {
      cell = { accountId, dimension, name, hour, counts: new Map() }
      this.#cells.set(key, cell)
    }
    for (const metric of metrics) cell.counts.set(metric, (cell.counts.get(metric) ?? 0) + 1)
  }
}
