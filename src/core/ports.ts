//
// Owns: the *types* of what a test cannot own otherwise: time, chance, log and figures.
// Never: an implementation. Those are made once, in the composition root.

import type { Milliseconds } from './time.ts'

/** How long this machine runs, which nobody can set; `boot` names the run. It goes on while processes come and go. */
export interface Uptime {
  readonly boot: string
  readonly uptime: Milliseconds
}

/** Wall time for what people and peers read, monotonic time for waits and deadlines. */
export interface Clock {
  /** Milliseconds since the epoch; may jump when the host's clock is set. */
  now(): Milliseconds
  /** Milliseconds since an arbitrary start; never jumps. */
  monotonic(): Milliseconds
  /** Calls `then` once after `wait`; the returned function cancels it. */
  after(wait: Milliseconds, then: () => void): () => void
  /** Null where the system does not tell; absent where time is a test's. */
  uptime?(): Uptime | null
}

/** A number in [0, 1). */
export type Dice = () => number

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** One line per event; message content and secrets never come here (invariant I8). */
export interface Log {
  debug(what: string, fields?: LogFields): void
  info(what: string, fields?: LogFields): void
  warn(what: string, fields?: LogFields): void
  error(what: string, fields?: LogFields): void
}

/** Counters and samples for /metrics. Names are in snake_case without the `mailwok_` prefix. */
export interface Meter {
  count(name: MetricName, by?: number, labels?: MetricLabels): void
  observe(name: MetricName, value: number, labels?: MetricLabels): void
  gauge(name: MetricName, value: number, labels?: MetricLabels): void
}
export type MetricName = string
export type MetricLabels = Readonly<Record<string, string>>
