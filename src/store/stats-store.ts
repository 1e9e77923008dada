//
// Owns: the roll-ups of the log as services see them: counts by account, dimension, name, hour and day, kept by a
// follower in one commit with its place, and read in ranges off the serving thread; so are the stretches of the log that
// they are made of, already counted by what their events have in common.
// Never: which event counts as what; services/stats says so.

import type { MailEventType } from '../core/event.ts'
import type { AccountId } from '../core/ids.ts'
import type { Message } from '../core/message.ts'
import type { Result } from '../core/result.ts'
import { DAY, type Milliseconds } from '../core/time.ts'
import type { LogCursor, LogStep } from './log-store.ts'
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

  /** What happened behind `after`, alike things counted together; null when nothing did. Played mail is left out. */
  stretch(ask: StretchAsk): Promise<StatStretch | null>
}

export interface StretchAsk {
  readonly after: LogCursor
  /** Events. */
  readonly limit: number
  /** Ends of the steps in which times to deliver are told. */
  readonly steps: readonly Milliseconds[]
}

export interface StatStretch {
  readonly to: LogCursor
  /** Those too that are not counted. */
  readonly events: number
  /** When the last of them happened. */
  readonly lastAt: Milliseconds
  readonly groups: readonly StatGroup[]
}

/** Events that differ in nothing that is counted. */
export interface StatGroup {
  readonly accountId: AccountId
  readonly type: MailEventType
  /** The beginning of the hour. */
  readonly hour: Milliseconds
  /** Null where retention has removed it. */
  readonly message: CountedMessage | null
  /** Who answered, or, for what comes later, who had taken it; null where nobody did. */
  readonly taker: Taker | null
  /**
   * Of a bounce `hard.mailbox_unknown`, with `.late` behind it when it came back after it was taken; of opens and clicks
   * `1` for a machine, `0` for a person; of a delivery the place of its step.
   */
  readonly what: string | null
  readonly count: number
}

export type StatSpan = 'hour' | 'day'

export const STAT_DIMENSIONS = ['all', 'domain', 'tag', 'stream', 'campaign', 'provider'] as const
export type StatDimension = (typeof STAT_DIMENSIONS)[number]

/** Beside what users ask for: what provider feedback is judged by, and which providers report complaints at all. */
export type KeptDimension = StatDimension | 'feedback' | 'reporter'

export interface StatCount {
  readonly accountId: AccountId
  readonly dimension: KeptDimension
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

/** When the day began in which this is, UTC. */
export const dayOf = (at: Milliseconds): Milliseconds => at - (at % DAY)

/** When the month began in which this is, UTC. */
export function monthOf(at: Milliseconds): Milliseconds {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

export type StatName = Pick<StatCount, 'accountId' | 'dimension' | 'name'>

export type Counts = ReadonlyMap<string, number>

interface StatRange {
  readonly account: AccountId
  readonly dimension: KeptDimension
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

export type CountedMessage = Pick<Message, 'signingDomain' | 'stream' | 'tags' | 'campaign'>

export interface Taker {
  readonly mx: string | null
  /** `relay:<host>` where it was a smarthost of ours. */
  readonly via: string
}
