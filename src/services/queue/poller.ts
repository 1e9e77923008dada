//
// Owns: taking due deliveries out of the store as the lanes and the room can take them (decision 5).
// A line whose provider is full is not asked for: a million due rows of a blocked provider cost nothing here.

import { type Domain, domainOf, type ForwardPath } from '../../core/address.ts'
import { ClockStep } from '../../core/clock-step.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { type Rank, streamOf } from '../../store/line.ts'
import type { DueLine } from '../../store/store.ts'
import type { Dispatcher } from './dispatcher.ts'
import { fairClaims } from './fair-claims.ts'
import type { Intake } from './intake.ts'
import type { QueueParts } from './parts.ts'
import { ProviderNotes } from './provider-notes.ts'

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
  /** Null where no transport asks for a route. */
  readonly #notes: ProviderNotes | null
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
    const routed = parts.options.transport.kind !== 'capture'
    this.#notes = routed ? new ProviderNotes(parts.router, parts.store) : null
  }

  /** Mail for this recipient waits for another attempt. */
  deferred(recipient: ForwardPath): void {
    this.#notes?.note(domainOf(recipient))
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
    await this.#notes?.tell()
    const { access, room, ways } = this.#dispatcher
    while (!this.#stopped && this.#mayClaim() && room.wantsMore) {
      const now = clock.now()
      const due = await this.#routed(await store.dueLines({ now, limit: LINES, ...ways.busy() }))
      this.#turn += 1
      const spaceOf = (provider: string, rank: Rank) => ways.spaceOf(provider, streamOf(rank))
      const asks = fairClaims(access.claimable(due), { most: CLAIM, spaceOf, turn: this.#turn })
      if (asks.length === 0) return
      const claimed = await store.claim(asks, now, holder)
      // What all went back would be claimed again at once.
      if ((await this.#intake.bringIn(claimed)) === 0) return
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
    if (this.#notes === null) return due
    const routed: DueLine[] = []
    for (const line of due) {
      const provider = this.#notes.note(line.destination as Domain, line.provider)
      routed.push(provider === line.provider ? line : { ...line, provider })
    }
    await this.#notes.tell()
    return routed
  }
}
