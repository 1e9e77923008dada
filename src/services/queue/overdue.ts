//
// Owns: ending in time what waits for a provider that takes nothing now: it is never claimed, so somebody has to look
// whether its message has expired. A page of the line a second, and only while something is overdue.
// Never: decides that it has expired; the dispatcher does, as with everything that is claimed.

import { ClockStep } from '../../core/clock-step.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Place } from '../../store/store.ts'
import type { Intake } from './intake.ts'
import type { QueueParts } from './parts.ts'
import type { Room } from './room.ts'

/** Between two pages. */
const PACE: Milliseconds = SECOND
/** Between two walks. */
const REST: Milliseconds = MINUTE / 2
/** What is due for longer than this waits for something else than its turn. */
const OVERDUE: Milliseconds = MINUTE
const CLAIM = 500

export class Overdue {
  readonly #parts: QueueParts
  readonly #intake: Intake
  readonly #room: Room
  readonly #mayClaim: () => boolean
  readonly #step: ClockStep
  #after: Place | null = null
  #cancel: () => void = () => {}
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(parts: QueueParts, intake: Intake, room: Room, mayClaim: () => boolean) {
    this.#parts = parts
    this.#intake = intake
    this.#room = room
    this.#mayClaim = mayClaim
    this.#step = new ClockStep(parts.clock)
  }

  start(): void {
    this.#schedule(REST)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
  }

  #schedule(wait: Milliseconds): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(wait, () => {
      this.#looking = this.#look()
        .catch((error: unknown) => {
          this.#parts.log.error('what has expired could not be looked for', { error: String(error) })
        })
        .finally(() => this.#schedule(this.#after === null ? REST : PACE))
    })
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#parts
    if (!this.#mayClaim()) return
    // A clock that was set ahead makes nothing old.
    const now = clock.now() - this.#step.since(0)
    if (this.#after === null) {
      const next = await store.nextDueAt()
      if (next === null || next > now - OVERDUE) return
    }
    const { found, next } = await store.expired({ now, after: this.#after })
    this.#after = next
    for (let at = 0; at < found.length; at += CLAIM) {
      if (!this.#room.wantsMore) return
      const claimed = await store.claim(found.slice(at, at + CLAIM), now, this.#parts.holder)
      await this.#intake.bringIn(claimed)
    }
  }
}
