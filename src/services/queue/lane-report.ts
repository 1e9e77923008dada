//
// Owns: lanes as people and figures see them.

import type { Clock, Meter } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { ProviderBook } from '../routing/provider-book.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { LaneState } from './shaping.ts'

export interface LaneReport {
  readonly provider: string
  readonly source: string | null
  readonly state: LaneState
  /** At work, and how many may be. */
  readonly connections: number
  readonly limit: number
  /** Messages a second at most; null: as fast as it goes. */
  readonly rate: number | null
  /** In memory; the rest waits in the store. */
  readonly waiting: number
  /** Attempts of the last five minutes. */
  readonly delivered: number
  readonly deferred: number
  /** The provider wants nothing from this address; a probe now and then asks again. */
  readonly isBlocked: boolean
  /** Wall time. */
  readonly pausedUntil: Milliseconds | null
  /** In the words of the peer; empty when nothing is held back. */
  readonly why: string
}

export function laneReports(lanes: Lanes, clock: Pick<Clock, 'now' | 'monotonic'>): readonly LaneReport[] {
  const now = clock.monotonic()
  const wall = clock.now()
  return [...lanes.all()].map((lane) => reportOf(lane, now, wall))
}

function reportOf(lane: Lane, now: Milliseconds, wall: Milliseconds): LaneReport {
  const { provider, shaping, slots, source, waiting } = lane
  const state = shaping.state(now)
  const until = shaping.pausedUntil(now)
  const free = state === 'growing' || state === 'steady'
  return {
    provider,
    source,
    state,
    connections: slots.busy,
    limit: shaping.connections(now),
    rate: shaping.rate(now),
    waiting,
    ...shaping.tally.counted(now),
    isBlocked: shaping.blocked,
    pausedUntil: until === null ? null : Math.round(wall + until - now),
    why: free ? '' : shaping.why,
  }
}

/** A bounded number of names for figures: those in the book, all others as one. */
export const labelsOf =
  (book: ProviderBook) =>
  (provider: string): string =>
    book.facts(provider) === null ? 'other' : provider

/** In a sentence for people; null when a lane of the provider takes mail. */
export function whyLaneWaits(provider: string, reports: readonly LaneReport[]): string | null {
  const lanes = reports.filter((report) => report.provider === provider)
  const first = lanes.reduce<LaneReport | null>(
    (least, lane) => ((lane.pausedUntil ?? 0) < (least?.pausedUntil ?? Infinity) ? lane : least),
    null,
  )
  if (first === null) return null
  const said = saidOf(first.why)
  if (first.pausedUntil !== null) {
    const until = `${new Date(first.pausedUntil).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    return `Sending to ${provider} is paused until ${until}; then one delivery tries whether it takes mail again.${said}`
  }
  if (first.state === 'probing')
    return `One delivery at a time tries whether ${provider} takes mail again.${said}`
  if (first.rate === null) return null
  const rate = Math.round(first.rate * 100) / 100
  return `${provider} gets at most ${rate} ${rate === 1 ? 'message' : 'messages'} a second from here.${said}`
}

/** A reply is the peer's word; all else is what we met with. */
function saidOf(why: string): string {
  if (why === '') return ''
  const words = why.replace(/\.$/, '')
  return /^[245]\d\d(?:[ -]|$)/.test(words)
    ? ` It said: “${words}”.`
    : ` What the last attempt met with: ${words}.`
}

/** Providers that are known by name are counted by it, all others together: of those there are too many. */
export class LaneFigures {
  readonly #meter: Meter
  readonly #label: (provider: string) => string
  readonly #seen = new Set<string>()

  constructor(meter: Meter, label: (provider: string) => string) {
    this.#meter = meter
    this.#label = label
  }

  show(reports: readonly LaneReport[]): void {
    const sums = new Map<string, { connections: number; limit: number; rate: number; waiting: number }>()
    for (const provider of this.#seen) sums.set(provider, { connections: 0, limit: 0, rate: 0, waiting: 0 })
    for (const report of reports) {
      const provider = this.#label(report.provider)
      this.#seen.add(provider)
      const sum = sums.get(provider) ?? { connections: 0, limit: 0, rate: 0, waiting: 0 }
      sum.connections += report.connections
      sum.limit += report.limit
      sum.rate += report.rate ?? 0
      sum.waiting += report.waiting
      sums.set(provider, sum)
    }
    for (const [provider, { connections, limit, rate, waiting }] of sums) {
      this.#meter.gauge('lane_connections', connections, { provider })
      this.#meter.gauge('lane_limit', limit, { provider })
      this.#meter.gauge('lane_rate', rate, { provider })
      this.#meter.gauge('lane_waiting', waiting, { provider })
    }
  }
}
