//
// Owns: the roll-ups of the log as services see them: counts by account, dimension, name, hour and day, kept by a
// follower in one commit with its place, and read in ranges off the serving thread.
// Never: which event counts as what; services/stats says so.

import type { AccountId, DeliveryId, MessageId } from '../core/ids.ts'
import type { Message } from '../core/message.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { LogStep } from './log-store.ts'
import type { StoreFault } from './store-fault.ts'

export interface StatsStore {
  /** Adds to what stands there, with the follower's move in one commit; nothing when another of its name was quicker. */
  add(counts: readonly StatCount[], step: LogStep): Promise<Result<'done' | 'overtaken', StoreFault>>
  /** Of one name, in the order of time; a point where nothing was counted is absent. */
  series(ask: StatSeriesAsk): Promise<readonly StatPoint[]>
  /** Sums over whole days of each name of a dimension, the busiest first. */
  totals(ask: StatTotalsAsk): Promise<readonly StatTotal[]>
  /**
   * Removes the hours before `before` of the first name behind `after` (null: of the first of all); gives the name, to go
   * on behind it, or null when there is none. One name at a time: nothing holds the writer long.
   */
  forgetHours(before: Milliseconds, after: StatName | null): Promise<Result<StatName | null, StoreFault>>

  /** What roll-ups need of messages; who is gone is absent. */
  messages(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, CountedMessage>>
  /** Which host took these deliveries; absent where none did, or where retention has removed it. */
  takers(ids: readonly DeliveryId[]): Promise<ReadonlyMap<DeliveryId, Taker>>
}

export type StatSpan = 'hour' | 'day'

export const STAT_DIMENSIONS = ['all', 'domain', 'tag', 'stream', 'campaign', 'provider'] as const
export type StatDimension = (typeof STAT_DIMENSIONS)[number]

export interface StatCount {
  readonly accountId: AccountId
  readonly dimension: StatDimension
  /** Empty for `all`. */
  readonly name: string
  /** Months are for sums over a long time: a year of a thousand names is not added up day by day. */
  readonly span: StatSpan | 'month'
  /** Its beginning, UTC. */
  readonly at: Milliseconds
  /** No space, no comma. */
  readonly metric: string
  readonly count: number
}

/** When the month began in which this is, UTC. */
export function monthOf(at: Milliseconds): Milliseconds {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

export type StatName = Pick<StatCount, 'accountId' | 'dimension' | 'name'>

export type Counts = ReadonlyMap<string, number>

interface StatRange {
  readonly account: AccountId
  readonly dimension: StatDimension
  readonly from: Milliseconds
  /** Not included. */
  readonly to: Milliseconds
}
export interface StatSeriesAsk extends StatRange {
  readonly name: string
  readonly span: StatSpan
}
export interface StatPoint {
  readonly at: Milliseconds
  readonly counts: Counts
}

export interface StatTotalsAsk extends StatRange {
  readonly limit: number
}
export interface StatTotal {
  readonly name: string
  readonly counts: Counts
}

export type CountedMessage = Pick<Message, 'mode' | 'signingDomain' | 'stream' | 'tags' | 'campaign'>

export interface Taker {
  readonly mx: string | null
  /** `direct`, or `relay:<host>`. */
  readonly via: string
}
