//
// Owns: taking due deliveries out of the store as the lanes and the room can take them (decision 5).
// A line whose provider is full is not asked for: a million due rows of a blocked provider cost nothing here.

import type { Domain } from '../../core/address.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { DueLine } from '../../store/store.ts'
import { ClockStep } from './clock-step.ts'
import type { Dispatcher } from './dispatcher.ts'
import { fairClaims } from './fair-claims.ts'
import type { Intake } from './intake.ts'
import type { QueueParts } from './parts.ts'

/** How often the store is asked when nobody says that something came due. */
const PERIOD: Milliseconds = SECOND / 2
const LINES = 64
/** Deliveries per claim: what a writer commits in a few milliseconds. */
const CLAIM = 500

export class Poller {
  readonly #parts: QueueParts
  readonly #dispatcher: Dispatcher
  readonly #intake: Intake
  readonly #mayClaim: () => boolean
  readonly #step: ClockStep
  #cancel: () => void = () => {}
  #round: Promise<void> | null = null
  #again = false
  #stopped = false
  #turn = 0

  constructor(parts: QueueParts, dispatcher: Dispatcher, intake: Intake, mayClaim: () => boolean) {
    this.#parts = parts
    this.#dispatcher = dispatcher
    this.#intake = intake
    this.#mayClaim = mayClaim
    this.#step = new ClockStep(parts.clock)
  }

  start(): void {
    this.wake()
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#round
  }

  /** Something may be due: look at once, or once more if a look is under way. */
  wake(): void {
    if (this.#stopped) return
    if (this.#round !== null) {
      this.#again = true
      return
    }
    this.#round = this.#look()
      .catch((error) => this.#parts.log.error('the queue could not be read', { error: String(error) }))
      .finally(() => {
        this.#round = null
        if (!this.#again) return
        this.#again = false
        this.wake()
      })
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(PERIOD, () => {
      this.wake()
      this.#schedule()
    })
  }

  async #look(): Promise<void> {
    const { store, clock, holder } = this.#parts
    await this.#followClock()
    const { lanes, room, ways } = this.#dispatcher
    while (!this.#stopped && this.#mayClaim() && room.wantsMore) {
      const now = clock.now()
      const busy = lanes.full()
      const busyMarketing = ways.busyForMarketing()
      const due = await this.#routed(await store.dueLines({ now, limit: LINES, busy, busyMarketing }))
      this.#turn += 1
      const spaceOf = (provider: string) => lanes.spaceOf(provider)
      const asks = fairClaims(due, { most: CLAIM, spaceOf, turn: this.#turn })
      if (asks.length === 0) return
      const claimed = await store.claim(asks, now, holder)
      if (claimed.length === 0) return
      await this.#intake.bringIn(claimed)
    }
  }

  /** Due times are wall times: a clock that was set back would keep everybody waiting by as much. */
  async #followClock(): Promise<void> {
    const back = this.#step.setBack()
    if (back === 0) return
    const { store, clock, log } = this.#parts
    try {
      const moved = await store.bringForward(clock.now(), back)
      log.warn('the clock was set back; what waits is due as much earlier', {
        by_ms: back,
        deliveries: moved,
      })
    } catch (error) {
      this.#step.notFollowed(back)
      throw error
    }
  }

  /** With the providers that are known by now, which the store is told of. */
  async #routed(due: readonly DueLine[]): Promise<readonly DueLine[]> {
    if (this.#parts.options.transport.kind === 'capture') return due
    const { router, store } = this.#parts
    const assignments: { destination: Domain; provider: string }[] = []
    const routed = due.map((line) => {
      const destination = line.destination as Domain
      const route = router.peek(destination)
      if (!route || !('provider' in route) || route.provider === line.provider) return line
      assignments.push({ destination, provider: route.provider })
      return { ...line, provider: route.provider }
    })
    if (assignments.length > 0) await store.assignProviders(assignments)
    return routed
  }
}
