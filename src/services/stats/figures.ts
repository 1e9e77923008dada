//
// Owns: figures as people and programs read them, out of counts: people before machines, refusals by reason, how long
// deliveries took. Keys as in the REST API. Pure.

import type { BounceReason } from '../../core/failure.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Counts } from '../../store/stats-store.ts'
import { BOUNCED, BOUNCED_LATE, type Reader, TOOK } from './metrics.ts'
import { percentiles } from './took.ts'

export interface Figures {
  /** Recipients whose mail was accepted for delivery; null by provider, for nobody knows it then. */
  readonly sent: number | null
  readonly delivered: number
  /** Attempts that were put off, not messages. */
  readonly deferred: number
  readonly bounced: {
    readonly total: number
    readonly hard: number
    readonly soft: number
    /** Of the total: came back after they were delivered, so that they stand among the delivered too. */
    readonly late: number
    readonly reasons: Readonly<Partial<Record<BounceReason, number>>>
  }
  readonly complained: number
  readonly opened: Readers
  readonly clicked: Readers
  readonly unsubscribed: number
  readonly suppressed: number
  readonly cancelled: number
  readonly failed: number
  /** From accepting to the receiver's 250; null when nothing was delivered. */
  readonly time_to_deliver_ms: {
    readonly p50: Milliseconds
    readonly p90: Milliseconds
    readonly p95: Milliseconds
    readonly p99: Milliseconds
  } | null
}

/** `unknown`: nobody can tell. */
export type Readers = Readonly<Record<Reader, number>>

export function figuresOf(counts: Counts, knowsSent = true): Figures {
  const of = (metric: string): number => counts.get(metric) ?? 0
  const readers = (what: string): Readers => ({
    human: of(`${what}.human`),
    unknown: of(`${what}.unknown`),
    machine: of(`${what}.machine`),
  })
  return {
    sent: knowsSent ? of('sent') : null,
    delivered: of('delivered'),
    deferred: of('deferred'),
    bounced: bouncedOf(counts),
    complained: of('complained'),
    opened: readers('opened'),
    clicked: readers('clicked'),
    unsubscribed: of('unsubscribed'),
    suppressed: of('suppressed'),
    cancelled: of('cancelled'),
    failed: of('failed'),
    time_to_deliver_ms: tookOf(counts),
  }
}

function bouncedOf(counts: Counts): Figures['bounced'] {
  const types = { hard: 0, soft: 0 }
  const reasons = new Map<string, number>()
  for (const [metric, count] of counts) {
    if (!metric.startsWith(BOUNCED)) continue
    const [type = '', reason = ''] = metric.slice(BOUNCED.length).split('.')
    if (type === 'hard' || type === 'soft') types[type] += count
    reasons.set(reason, (reasons.get(reason) ?? 0) + count)
  }
  const inOrder = [...reasons].sort(([one, less], [other, more]) => more - less || (one < other ? -1 : 1))
  return {
    total: types.hard + types.soft,
    ...types,
    late: counts.get(BOUNCED_LATE) ?? 0,
    reasons: Object.fromEntries(inOrder),
  }
}

const SHARES = [0.5, 0.9, 0.95, 0.99]

function tookOf(counts: Counts): Figures['time_to_deliver_ms'] {
  const buckets = new Map<number, number>()
  for (const [metric, count] of counts) {
    if (metric.startsWith(TOOK)) buckets.set(Number(metric.slice(TOOK.length)), count)
  }
  const told = percentiles(buckets, SHARES)
  if (told === null) return null
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0] = told
  return { p50, p90, p95, p99 }
}

export function summed(all: Iterable<Counts>): Counts {
  const sum = new Map<string, number>()
  for (const counts of all) {
    for (const [metric, count] of counts) sum.set(metric, (sum.get(metric) ?? 0) + count)
  }
  return sum
}
