//
// Owns: who may come into memory now, from the door or out of the store: is there a place in its lane, may slow mail have
// more of what all share, was it turned away a moment ago.
// Never: octets of the whole room (room.ts).

import type { Domain } from '../../core/address.ts'
import type { AccountId } from '../../core/ids.ts'
import type { ClaimedDelivery } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import { SECOND } from '../../core/time.ts'
import { streamOf } from '../../store/line.ts'
import type { DueLine } from '../../store/store.ts'
import { ClosedDoors } from './closed-doors.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { QueueOptions, Routes } from './parts.ts'
import { DELIVERY_OVERHEAD_OCTETS } from './room.ts'
import type { Belonging, SlowShare } from './slow-share.ts'

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

export class Access {
  readonly doors = new ClosedDoors()
  readonly #parts: AccessParts

  constructor(parts: AccessParts) {
    this.#parts = parts
  }

  /** For what is accepted now. */
  isOpen(destination: Domain, of: Belonging, octets: number): boolean {
    const { lanes, share } = this.#parts
    const provider = this.#providerOf(destination)
    if (lanes.spaceFor(provider ?? destination, of) === 0) return false
    return !this.#isSlow(provider) || share.isOpenTo(of, octets + DELIVERY_OVERHEAD_OCTETS)
  }

  /** The lines of which something may be claimed, with how much. */
  claimable(lines: readonly DueLine[]): readonly DueLine[] {
    const now = this.#parts.clock.monotonic()
    const open: DueLine[] = []
    for (const line of lines) {
      const of = { accountId: line.account as AccountId, stream: streamOf(line.rank) }
      if (this.doors.isClosed(line.provider, of, now)) continue
      if (!this.#isSlow(this.#providerOf(line.destination as Domain))) open.push(line)
      else if (this.#parts.share.isOpenTo(of, 0)) {
        open.push({ ...line, waiting: Math.min(line.waiting, SLOW_CLAIM) })
      }
    }
    return open
  }

  /** Octets of the slow share that one takes while it is read out of the store; null: it has to go back. */
  reserve(delivery: ClaimedDelivery): number | null {
    if (!this.#isSlow(this.#providerOf(delivery.destination))) return 0
    const octets = delivery.size + DELIVERY_OVERHEAD_OCTETS
    if (!this.#parts.share.isOpenTo(delivery, octets)) return null
    this.#parts.share.enter(delivery, octets)
    return octets
  }

  unreserve(delivery: ClaimedDelivery, octets: number): void {
    if (octets > 0) this.#parts.share.leave(delivery, octets)
  }

  /** By no other lane could it go. */
  turnedAway(delivery: ClaimedDelivery, { provider, shaping }: Lane): void {
    const now = this.#parts.clock.monotonic()
    this.doors.note(provider, delivery, { now, wait: (shaping.pausedUntil(now) ?? now + STALLED) - now })
  }

  /** Null while its route is not known. */
  #providerOf(destination: Domain): string | null {
    const route = this.#parts.router.peek(destination)
    if (route === null) return null
    return 'provider' in route ? route.provider : destination
  }

  #isSlow(provider: string | null): boolean {
    if (this.#parts.options.transport.kind === 'capture') return false
    return provider === null || this.#parts.lanes.isSlow(provider)
  }
}
