//
// Owns: following the log: reads on behind a durable place, in the order of commits, hands stretches to one handler,
// and goes on from where the handler has brought it. After a fault the same stretch comes again.
// Never: what an event means; and it writes nothing itself: the handler commits effects and place together.
//
// Any number of nodes may run a follower of one name: a step counts only from the place it was read at, so that one of
// them has the effect and the others see that they were overtaken, and read on from the new place.

import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { LogCursor, LogEntry, LogStep, LogStore, LogStretch, LogWish } from '../../store/log-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'

export interface FollowerParts {
  readonly log: Pick<LogStore, 'read' | 'pick' | 'cursor'>
  readonly handler: Handler
  readonly clock: Clock
  readonly say: Log
  readonly meter: Meter
  /** How often the log is asked when nobody says that there is something new. */
  readonly period?: Milliseconds
}

interface Stretch {
  /** The durable place. */
  readonly from: LogCursor
  /** Between it and here nothing was wanted. */
  readonly seen: LogCursor
  readonly to: LogCursor
}

export interface Handler {
  /** The durable name; another name starts at the beginning of the log. */
  readonly name: string
  /** What it is told of; everything without it. The rest of the log, most of it, costs nearly nothing then. */
  readonly wish?: LogWish
  /**
   * Resolves when effects and `step` are committed together. A fault, or a rejection, brings the same stretch again.
   * With no entries it is the place alone that moves: nothing was wanted for a while.
   */
  handle(entries: readonly LogEntry[], step: LogStep): Promise<Result<'done' | 'overtaken', StoreFault>>
}

const PERIOD: Milliseconds = SECOND / 2
/** After a fault: the store is not asked harder while it is in trouble. */
const PATIENCE: Milliseconds = SECOND
/** Events per step: about a millisecond to read, and a few for the writer. */
const STRETCH = 500
/** What was passed over is not looked at again after a restart, and retention may have it, this much later. */
const MOVE_EVERY: Milliseconds = MINUTE

export class Follower {
  readonly #parts: FollowerParts
  /** The durable one; null when it has to be asked for. */
  #place: LogCursor | null = null
  /** Where to look on: behind the place there is nothing wanted up to here. */
  #seen: LogCursor | null = null
  #movedAt: Milliseconds = 0
  #cancel: () => void = () => {}
  #round: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(parts: FollowerParts) {
    this.#parts = parts
  }

  start(): void {
    this.poke()
  }

  /** There may be something new. */
  poke(): void {
    if (this.#stopped) return
    if (this.#round !== null) {
      this.#again = true
      return
    }
    this.#cancel()
    this.#round = this.#follow().then((wait) => {
      this.#round = null
      if (this.#stopped) return
      this.#cancel = this.#parts.clock.after(this.#again ? 0 : wait, () => this.poke())
      this.#again = false
    })
  }

  /** The step under way is finished, no other is begun. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#round
  }

  /** Until the end of the log, or trouble; how long to wait then. */
  async #follow(): Promise<Milliseconds> {
    const { handler, meter, period = PERIOD, say } = this.#parts
    try {
      while (!this.#stopped) {
        const taken = await this.#step()
        // A full stretch means that there is more: who looks at the figure sees how far behind we are at least.
        meter.gauge('follower_behind_events', taken === STRETCH ? STRETCH : 0, { follower: handler.name })
        if (taken < STRETCH) return period
      }
    } catch (error) {
      this.#place = null
      meter.count('follower_faults_total', 1, { follower: handler.name })
      say.error('a follower of the log could not go on; it tries again', {
        follower: handler.name,
        error: String(error),
      })
    }
    return PATIENCE
  }

  /** How many events it has brought behind us. */
  async #step(): Promise<number> {
    const { clock, handler, log, meter } = this.#parts
    const from = this.#place ?? (await log.cursor(handler.name))
    const seen = this.#place === null ? from : (this.#seen ?? from)
    this.#place = from
    const { entries, looked, to } = await this.#look(seen)
    const last = entries[entries.length - 1]
    const behind = last === undefined ? 0 : Math.max(0, clock.now() - last.event.at) / SECOND
    if (last !== undefined) await this.#hand(entries, { from, seen, to })
    else if (to !== from && clock.monotonic() - this.#movedAt >= MOVE_EVERY)
      await this.#move([], { from, to })
    this.#seen = to
    meter.gauge('follower_behind_seconds', behind, { follower: handler.name })
    return looked
  }

  /**
   * What is handed over begins at the durable place: after a crash the stretch that comes again begins there too, and
   * has at least the same in it. A handler may count on that.
   */
  async #hand(entries: readonly LogEntry[], { from, seen, to }: Stretch): Promise<void> {
    if (seen !== from) await this.#move([], { from, to: seen })
    // Another one of this name was quicker: what it has done is not handed over once more.
    if (this.#place !== null) await this.#move(entries, { from: seen, to })
  }

  async #look(after: LogCursor): Promise<LogStretch> {
    const { handler, log } = this.#parts
    if (handler.wish !== undefined) return log.pick(after, STRETCH, handler.wish)
    const entries = await log.read(after, STRETCH)
    return { entries, looked: entries.length, to: entries[entries.length - 1]?.cursor ?? after }
  }

  async #move(entries: readonly LogEntry[], { from, to }: Omit<LogStep, 'follower'>): Promise<void> {
    const { clock, handler } = this.#parts
    const done = await handler.handle(entries, { follower: handler.name, from, to })
    if (!done.ok) throw new Error(`the store does not take it: ${done.error}`)
    this.#place = done.value === 'done' ? to : null
    this.#movedAt = clock.monotonic()
  }
}
