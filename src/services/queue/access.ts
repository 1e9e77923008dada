//
// Owns: who may come into memory now, from the door or out of the store: is there a place in its lane, may slow mail have
// more of what all share, was it turned away or passed over a moment ago.
// Never: octets of the whole room (room.ts).

import type { Domain } from '../../core/address.ts'
import type { AccountId } from '../../core/ids.ts'
import type { ClaimedDelivery } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import { providerOf, type Route } from '../../core/route.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { streamOf } from '../../store/line.ts'
import type { DueAsk, DueLine } from '../../store/store.ts'
import { ClosedDoors } from './closed-doors.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { QueueOptions, Routes } from './parts.ts'
import { DELIVERY_OVERHEAD_OCTETS } from './room.ts'
import type { Belonging, Place, SlowShare } from './slow-share.ts'

export interface AccessParts {
  readonly router: Pick<Routes, 'peek'>
  readonly options: Pick<QueueOptions, 'transport'>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly lanes: Lanes
  readonly share: SlowShare
}

/** Of a line that is slow so many are claimed at once, since nobody knows how large they are. */
const SLOW_CLAIM = 10
/** Connections that hang may come back to life. */
const STALLED = 5 * SECOND
/** Memory for slow mail becomes free by letters, not by the look. */
const PASSED_OVER = 5 * SECOND

type Busy = Pick<DueAsk, 'busy' | 'busyMarketing'>

export class Access {
  readonly doors = new ClosedDoors()
  readonly #parts: AccessParts
  /** Slow providers for whose mail there was no memory, and until when (monotonic) the store is not asked for it. */
  readonly #passedOver = new Map<string, Milliseconds>()

  constructor(parts: AccessParts) {
    this.#parts = parts
  }

  /** For what is accepted now. */
  isOpen(destination: Domain, of: Belonging, octets: number): boolean {
    const { lanes, router, share } = this.#parts
    const route = router.peek(destination)
    if (lanes.spaceFor(providerOf(route) ?? destination, of) === 0) return false
    const cost = octets + DELIVERY_OVERHEAD_OCTETS
    return !this.#isSlow(route) || share.takes({ ...of, destination }, cost)
  }

  /** The lines of which something may be claimed, with how much. */
  claimable(lines: readonly DueLine[]): readonly DueLine[] {
    const now = this.#parts.clock.monotonic()
    const open: DueLine[] = []
    for (const line of lines) {
      const of = { accountId: line.account as AccountId, stream: streamOf(line.rank) }
      if (this.doors.isClosed(line.provider, of, now)) continue
      const most = this.#mostOf(line, of)
      if (most > 0) open.push(most < line.waiting ? { ...line, waiting: most } : line)
    }
    return open
  }

  /** Notes whose lines could not be claimed, for others stand behind them in the store; false: nobody's. */
  passOver(due: readonly DueLine[], claimable: readonly DueLine[]): boolean {
    const until = this.#parts.clock.monotonic() + PASSED_OVER
    const taken = new Set(claimable.map(({ provider }) => provider))
    let passed = false
    for (const { provider } of due) {
      if (provider === '' || taken.has(provider)) continue
      this.#passedOver.set(provider, until)
      passed = true
    }
    return passed
  }

  get passesOver(): boolean {
    return this.#passedOver.size > 0
  }

  /** With those who are passed over at this moment; who turns out to be quick is not any more. */
  passedOver({ busy, busyMarketing }: Busy): Busy {
    if (this.#passedOver.size === 0) return { busy, busyMarketing }
    const now = this.#parts.clock.monotonic()
    const all = new Set(busy)
    for (const [provider, until] of this.#passedOver) {
      if (now < until && this.#parts.lanes.isSlow(provider)) all.add(provider)
      else this.#passedOver.delete(provider)
    }
    return { busy: all, busyMarketing }
  }

  /** Its place in the memory of slow mail while it is read out of the store; null: it has to go back. */
  reserve(delivery: ClaimedDelivery): Place | 'quick' | null {
    const { clock, router, share } = this.#parts
    const route = router.peek(delivery.destination)
    if (!this.#isSlow(route)) return 'quick'
    const octets = delivery.size + DELIVERY_OVERHEAD_OCTETS
    if (share.takes(delivery, octets)) return share.enter(delivery, octets)
    // Or what is too large for the only place left would be claimed and put back all the time.
    const provider = providerOf(route)
    if (provider !== null) {
      this.doors.note(provider, delivery, { now: clock.monotonic(), wait: STALLED })
    }
    return null
  }

  unreserve(place: Place | 'quick'): void {
    if (place !== 'quick') this.#parts.share.leave(place)
  }

  /** By no other lane could it go. */
  turnedAway(delivery: ClaimedDelivery, { provider, shaping }: Lane): void {
    const now = this.#parts.clock.monotonic()
    this.doors.note(provider, delivery, { now, wait: (shaping.pausedUntil(now) ?? now + STALLED) - now })
  }

  /** How many of a line may be claimed at once. */
  #mostOf(line: DueLine, of: Belonging): number {
    const { router, share } = this.#parts
    const destination = line.destination as Domain
    const route = router.peek(destination)
    if (!this.#isSlow(route)) return line.waiting
    if (share.isOpenTo(of, 0)) return SLOW_CLAIM
    // A first letter to who may be well; whose way is looked up meanwhile (provider-notes.ts) comes when that is known.
    return route !== null && share.takesFirst(destination, DELIVERY_OVERHEAD_OCTETS) ? 1 : 0
  }

  #isSlow(route: Route | null): boolean {
    if (this.#parts.options.transport.kind === 'capture') return false
    if (route === null) return true
    const provider = providerOf(route)
    // Without one there is no way: it ends at once.
    return provider !== null && this.#parts.lanes.isSlow(provider)
  }
}
