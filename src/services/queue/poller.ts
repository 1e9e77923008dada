//
// Owns: taking due deliveries out of the store as the lanes and the room can take them (decision 5).
// A line whose provider is full is not asked for: a million due rows of a blocked provider cost nothing here.

import { type Domain, domainOf, type ForwardPath } from '../../core/address.ts'
import { ClockStep } from '../../core/clock-step.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { type Rank, streamOf } from '../../store/line.ts'
import type { ClaimAsk, DueLine } from '../../store/store.ts'
import type { Dispatcher } from './dispatcher.ts'
import { fairClaims } from './fair-claims.ts'
import type { Intake } from './intake.ts'
import type { QueueParts } from './parts.ts'
import { ProviderNotes } from './provider-notes.ts'

/** How often the store is asked when nobody says that something came due. */
const PERIOD: Milliseconds = SECOND / 2
const LINES = 64
/** Once an answer had nothing that could be claimed. */
const MANY_LINES = 512
/** Deliveries per claim: what a writer commits in a few milliseconds. */
const CLAIM = 500
/** Answers in a row of which nothing can be claimed: more would keep the thread from its other work. */
const IN_VAIN = 6
/** After a look among many of whom nobody's mail can come in, everyone who accepts mail would cause the same one again. */
const REST: Milliseconds = 50

export class Poller {
  readonly #parts: QueueParts
  readonly #dispatcher: Dispatcher
  readonly #intake: Intake
  readonly #mayClaim: () => boolean
  readonly #step: ClockStep
  /** Null where no transport asks for a route. */
  readonly #notes: ProviderNotes | null
  #cancel: () => void = () => {}
  #rest: (() => void) | null = null
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
    this.#notes = routed ? new ProviderNotes({ ...parts, onFound: () => this.wake() }) : null
  }

  /** Mail for this recipient waits for another attempt. */
  deferred(recipient: ForwardPath): void {
    this.waits(domainOf(recipient))
  }

  /** Mail for it waits in the store. */
  waits(destination: Domain): void {
    this.#notes?.note(destination)
  }

  start(): void {
    this.wake()
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    this.#rest?.()
    await this.#round
  }

  /** Something may be due: look at once, or once more if a look is under way. */
  wake(): void {
    if (this.#stopped) return
    if (this.#round !== null || this.#rest !== null) {
      this.#again = true
      return
    }
    this.#again = false
    this.#round = this.#look()
      .catch((error) => this.#parts.log.error('the queue could not be read', { error: String(error) }))
      .finally(() => {
        this.#round = null
        if (this.#again) this.wake()
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
    let inVain = 0
    while (!this.#stopped && this.#mayClaim() && room.wantsMore) {
      const now = clock.now()
      const limit = inVain === 0 ? LINES : MANY_LINES
      const due = await store.dueLines({ now, limit, ...access.passedOver(ways.busy()) })
      const { asks, more } = await this.#choose(due)
      if (asks.length === 0) {
        inVain += 1
        if (more && inVain < IN_VAIN) continue
        if (inVain > 1 || access.passesOver) this.#takeRest()
        return
      }
      inVain = 0
      const claimed = await store.claim(asks, now, holder)
      // What all went back would be claimed again at once.
      if ((await this.#intake.bringIn(claimed)) === 0) return
    }
  }

  #takeRest(): void {
    this.#rest = this.#parts.clock.after(REST, () => {
      this.#rest = null
      if (this.#again) this.wake()
    })
  }

  /** `more`: where nothing is to be asked for another answer of the store would be another one. */
  async #choose(lines: readonly DueLine[]): Promise<{ asks: ClaimAsk[]; more: boolean }> {
    const { access, ways } = this.#dispatcher
    const due = await this.#routed(lines)
    this.#turn += 1
    const spaceOf = (provider: string, rank: Rank) => ways.spaceOf(provider, streamOf(rank))
    const claimable = access.claimable(due)
    const asks = fairClaims(claimable, { most: CLAIM, spaceOf, turn: this.#turn })
    if (asks.length > 0) return { asks, more: true }
    const passed = access.passOver(due, claimable)
    return { asks, more: passed || due.some((line, place) => line !== lines[place]) }
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
      if (provider === '') this.#notes.scout(line.destination as Domain)
      routed.push(provider === line.provider ? line : { ...line, provider })
    }
    await this.#notes.tell()
    return routed
  }
}
