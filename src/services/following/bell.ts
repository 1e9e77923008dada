//
// Owns: telling followers at once that the log has something for them, a few times a second at most. Nothing depends on
// it: what is not rung for is read within the follower's period.
// Never: rings for what nobody is in a hurry to hear.

import type { LogEvent, LogEventType } from '../../core/event.ts'
import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { QueueStore } from '../../store/store.ts'

/** In a storm of bounces a step takes what came in this time, as one commit. */
const APART: Milliseconds = 50

/** Who hears it. */
export interface Ear {
  hears(): void
  /** What is news to it. */
  wants(type: LogEventType): boolean
  readonly apart?: Milliseconds
}

interface Listening {
  readonly ear: Ear
  lastAt: Milliseconds
  isPending: boolean
}

type Told = readonly Pick<LogEvent, 'type'>[]

export class Bell {
  readonly #clock: Clock
  readonly #ears = new Set<Listening>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What it returns ends the listening. */
  onRing(ear: Ear): () => void {
    const listening = { ear, lastAt: Number.NEGATIVE_INFINITY, isPending: false }
    this.#ears.add(listening)
    return () => void this.#ears.delete(listening)
  }

  /** Whether anybody is in a hurry to hear of such events. */
  isAwaited(type: LogEventType): boolean {
    for (const { ear } of this.#ears) if (ear.wants(type)) return true
    return false
  }

  /** After the commit of these. */
  ring(told: readonly { readonly events: Told }[]): void {
    for (const listening of this.#ears) {
      const { ear, isPending } = listening
      if (isPending || !told.some(({ events }) => events.some(({ type }) => ear.wants(type)))) continue
      this.#pull(listening)
    }
  }

  #pull(listening: Listening): void {
    const wait = listening.lastAt + (listening.ear.apart ?? APART) - this.#clock.monotonic()
    if (wait <= 0) {
      this.#strike(listening)
      return
    }
    listening.isPending = true
    this.#clock.after(wait, () => {
      listening.isPending = false
      this.#strike(listening)
    })
  }

  #strike(listening: Listening): void {
    listening.lastAt = this.#clock.monotonic()
    if (this.#ears.has(listening)) listening.ear.hears()
  }
}

/** The queue of the store, which rings after a commit that followers should hear of now: the next mail may be on its way. */
export function ringing(queue: QueueStore, bell: Bell): QueueStore {
  return {
    ...queue,
    accept(acceptance) {
      const accepted = queue.accept(acceptance)
      // Nearly nobody waits for what is told at the door: no step more for each message then.
      if (!bell.isAwaited('email.queued') && !bell.isAwaited('email.suppressed')) return accepted
      return accepted.then((done) => {
        if (done.ok) bell.ring([acceptance])
        return done
      })
    },
    async settle(settlements, holder) {
      const done = await queue.settle(settlements, holder)
      if (done.ok) bell.ring(settlements)
      return done
    },
    async late(news) {
      const end = await queue.late(news)
      if (end.ok && end.value === 'added') bell.ring([news])
      return end
    },
  }
}
