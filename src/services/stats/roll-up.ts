//
// Owns: keeping the roll-ups by the clock: reads on behind a durable place until the log's end, a few times a minute, and
// says who was counted. After a fault the same stretch comes again.
// Never: more than a share of the machine's time. What counts late has counted nevertheless; mail that waits for it would
// not have left.

import type { AccountId } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { LogCursor, LogStore } from '../../store/log-store.ts'
import { type Counting, STATS } from './counting.ts'

export interface RollUpParts {
  readonly log: Pick<LogStore, 'cursor'>
  readonly counting: Pick<Counting, 'step'>
  readonly clock: Clock
  readonly say: Log
  readonly meter: Meter
  /** What was counted of whom; called between the steps. */
  readonly counted?: (counted: RolledUp) => Promise<void>
}

export interface RolledUp {
  readonly accounts: ReadonlySet<AccountId>
  /** All that happened before is counted; null while there is more to count. */
  readonly upTo: Milliseconds | null
}

const PERIOD: Milliseconds = 3 * SECOND
/** Between two full steps, as many times as long as the step took: that share of a core a backlog may have. */
const REST = 3

export class RollUp {
  readonly #parts: RollUpParts
  #place: LogCursor | null = null
  #cancel: () => void = () => {}
  #round: Promise<void> | null = null
  #stopped = false

  constructor(parts: RollUpParts) {
    this.#parts = parts
  }

  start(): void {
    this.#round = this.#turn().then((wait) => {
      this.#round = null
      if (!this.#stopped) this.#cancel = this.#parts.clock.after(wait, () => this.start())
    })
  }

  /** The step under way is finished, no other is begun. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#round
  }

  /** One step; how long to wait for the next. */
  async #turn(): Promise<Milliseconds> {
    const { clock, meter, say } = this.#parts
    const began = clock.monotonic()
    try {
      const isBehind = await this.#step()
      return isBehind ? Math.min(PERIOD, REST * (clock.monotonic() - began)) : PERIOD
    } catch (error) {
      this.#place = null
      meter.count('follower_faults_total', 1, { follower: STATS })
      say.error('statistics could not be kept; it is tried again', { error: String(error) })
      return PERIOD
    }
  }

  /** Whether there is more. */
  async #step(): Promise<boolean> {
    const { clock, counted, counting, log, meter } = this.#parts
    const now = clock.now()
    const from = this.#place ?? (await log.cursor(STATS))
    const done = await counting.step(from)
    if (!done.ok) throw new Error(`the store does not take it: ${done.error}`)
    const step = done.value
    if (step.kind === 'overtaken') {
      this.#place = null
      return true
    }
    const isDone = step.kind === 'done'
    this.#place = isDone ? step.to : from
    const isBehind = isDone && step.more
    const behind = isBehind ? Math.max(0, now - step.lastAt) / SECOND : 0
    meter.gauge('follower_behind_seconds', behind, { follower: STATS })
    const accounts = isDone ? step.accounts : NOBODY
    await counted?.({ accounts, upTo: isBehind ? null : now })
    return isBehind
  }
}

const NOBODY: ReadonlySet<AccountId> = new Set()
