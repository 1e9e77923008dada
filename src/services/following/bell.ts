//
// Owns: telling followers at once that the log has something for them, a few times a second at most. Nothing depends on
// it: what is not rung for is read within the follower's period.
// Never: rings for what can wait; that mail was accepted or delivered is no news to anybody in a hurry.

import type { MailEvent } from '../../core/event.ts'
import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { QueueStore } from '../../store/store.ts'

/** In a storm of bounces a step takes what came in this time, as one commit. */
const APART: Milliseconds = 50

export class Bell {
  readonly #clock: Clock
  #hears: () => void = () => {}
  #lastAt = Number.NEGATIVE_INFINITY
  #isPending = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** One listener; the last one that says so. */
  onRing(hears: () => void): void {
    this.#hears = hears
  }

  ring(): void {
    if (this.#isPending) return
    const wait = this.#lastAt + APART - this.#clock.monotonic()
    if (wait <= 0) {
      this.#strike()
      return
    }
    this.#isPending = true
    this.#clock.after(wait, () => {
      this.#isPending = false
      this.#strike()
    })
  }

  #strike(): void {
    this.#lastAt = this.#clock.monotonic()
    this.#hears()
  }
}

/** The queue of the store, which rings after a commit that followers should hear of now: the next mail may be on its way. */
export function ringing(queue: QueueStore, bell: Bell): QueueStore {
  return {
    ...queue,
    async settle(settlements, holder) {
      const done = await queue.settle(settlements, holder)
      if (done.ok && settlements.some(({ events }) => events.some(isNews))) bell.ring()
      return done
    },
    async late(news) {
      const end = await queue.late(news)
      if (end.ok && end.value === 'added') bell.ring()
      return end
    },
  }
}

const isNews = ({ type }: MailEvent): boolean => type === 'email.bounced' || type === 'email.complained'
