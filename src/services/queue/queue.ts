//
// Owns: the queue as its neighbours see it: room for what is being accepted, hand-over, and a life from start to stop.
// Its inside: dispatcher (memory), poller (store → memory), settler (memory → store), lease (heartbeat).

import type { Domain } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import type { DeliveryId } from '../../core/ids.ts'
import type { ClaimedDelivery, Delivery } from '../../core/message.ts'
import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Holder } from '../../store/store.ts'
import type { PoolFacts } from '../sources/pools.ts'
import { Dispatcher } from './dispatcher.ts'
import { tellAfterCrash } from './doubt.ts'
import { Intake } from './intake.ts'
import { LaneKeeper } from './lane-keeper.ts'
import { type LaneReport, labelsOf, laneReports, whyLaneWaits } from './lane-report.ts'
import { Lease } from './lease.ts'
import { Overdue } from './overdue.ts'
import type { QueueParts } from './parts.ts'
import { Poller } from './poller.ts'
import { isMeant, type RecallFilter } from './recall.ts'
import { Settler } from './settler.ts'
import type { Belonging } from './slow-share.ts'

/** Lanes without work for this long lose their connections. */
const IDLE_LANES: Milliseconds = 5 * MINUTE
/** How long the last outcomes may take into the store when we stop. */
const LAST_SETTLE: Milliseconds = 10_000

export interface QueueStatus {
  readonly inHand: number
  readonly memoryOctets: number
  readonly sending: boolean
}

export class Queue {
  readonly #parts: QueueParts
  readonly #dispatcher: Dispatcher
  readonly #settler: Settler
  readonly #lease: Lease
  readonly #poller: Poller
  readonly #overdue: Overdue
  readonly #keeper: LaneKeeper
  #cancelIdle: () => void = () => {}

  constructor(parts: QueueParts) {
    this.#parts = parts
    this.#settler = new Settler({
      ...parts,
      onDeferred: (recipient) => this.#poller.deferred(recipient),
      onRecovered: () => this.#dispatcher.resume(),
    })
    const maySend = () => this.#lease.holds && !this.#settler.stuck
    const onRecovered = () => {
      this.#dispatcher.access.doors.open()
      this.#poller.wake()
    }
    this.#dispatcher = new Dispatcher(parts, this.#settler, { maySend, onRecovered })
    this.#lease = new Lease({
      ...parts,
      onFreed: () => this.#poller.wake(),
      onLapsed: () => void this.#dispatcher.returnUnsent(),
      onRegained: () => {
        this.#dispatcher.resume()
        this.#poller.wake()
      },
    })
    const intake = new Intake(parts, this.#dispatcher, this.#settler)
    this.#poller = new Poller(parts, this.#dispatcher, intake, maySend)
    this.#overdue = new Overdue(parts, intake, this.#dispatcher.room, maySend)
    this.#keeper = new LaneKeeper({
      ...parts,
      lanes: this.#dispatcher.lanes,
      sweep: () => this.#dispatcher.sweep(),
      store: parts.laneStates,
      label: labelsOf(parts.options.book),
    })
  }

  get holder(): Holder {
    return this.#parts.holder
  }

  /**
   * Room for deliveries that are about to be accepted; true makes them commit leased to this boot, and obliges the
   * caller to `handOver` them after the commit or to `forgo` the room if it failed.
   */
  reserve(destinations: readonly Domain[], contentOctets: number, of: Belonging): boolean {
    if (!this.#parts.options.deliver || this.#dispatcher.stopping) return false
    if (!this.#lease.holds || this.#settler.stuck) return false
    const { access, room } = this.#dispatcher
    for (const destination of destinations) if (!access.isOpen(destination, of, contentOctets)) return false
    return room.reserve(destinations.length, contentOctets)
  }

  forgo(deliveries: number, contentOctets: number): void {
    this.#dispatcher.room.unreserve(deliveries, contentOctets)
  }

  /** After the commit, without reading back (decision 4). */
  handOver(
    content: StoredContent,
    deliveries: readonly ClaimedDelivery[],
    octets = content.bytes.length,
  ): void {
    this.#dispatcher.room.unreserve(deliveries.length, octets)
    this.#dispatcher.take(content, deliveries)
  }

  /** Deliveries were accepted or freed that nobody holds; to these destinations, as far as that is known. */
  wake(destinations: readonly Domain[] = []): void {
    if (!this.#parts.options.deliver) return
    for (const destination of destinations) this.#poller.waits(destination)
    this.#poller.wake()
  }

  /** What waits in memory and matches goes back to the store, where commands reach it; returns how many. */
  async takeBack(filter: RecallFilter): Promise<number> {
    const providerOf = (delivery: ClaimedDelivery) => this.#dispatcher.providerOf(delivery.destination)
    const back = this.#dispatcher.returnUnsent(isMeant(filter, providerOf))
    await Promise.all(back)
    return back.length
  }

  /** The operator wants to know at once: paused lanes of this provider, or all, send their probe now. */
  probe(provider: string | null): void {
    this.#dispatcher.lanes.probe(provider)
    this.#dispatcher.access.doors.open()
    this.#dispatcher.resume()
  }

  estimate(destination: Domain): string {
    return this.#dispatcher.estimator.estimate(
      this.#dispatcher.providerOf(destination),
      this.#parts.clock.now(),
      this.#dispatcher.inHand,
    )
  }

  /** Whether a worker of this node has it at this moment. */
  isUnderWay(id: DeliveryId): boolean {
    return this.#dispatcher.isUnderWay(id)
  }

  /** What holds a waiting delivery beyond its own time, in a sentence for people; null when nothing does. */
  whyWaiting(delivery: Pick<Delivery, 'destination'>, message: PoolFacts): string | null {
    if (!this.#lease.holds || this.#settler.stuck) {
      return 'All sending pauses: outcomes or leases cannot be stored; the log says why.'
    }
    const provider = this.#dispatcher.providerOf(delivery.destination)
    return this.#dispatcher.ways.whyWaiting(provider, message) ?? whyLaneWaits(provider, this.lanes())
  }

  status(): QueueStatus {
    return {
      inHand: this.#dispatcher.inHand,
      memoryOctets: this.#dispatcher.room.used,
      sending: this.#lease.holds && !this.#settler.stuck,
    }
  }

  lanes(): readonly LaneReport[] {
    return laneReports(this.#dispatcher.lanes, this.#parts.clock)
  }

  async start(): Promise<void> {
    await this.#lease.start()
    if (!this.#parts.options.deliver) return
    await tellAfterCrash(this.#parts)
    await this.#keeper.start()
    this.#poller.start()
    this.#overdue.start()
    this.#watchIdle()
  }

  /** Stops in reverse start order; what is under way gets its patience, the rest goes back untried. */
  async stop(): Promise<void> {
    this.#cancelIdle()
    await this.#overdue.stop()
    await this.#poller.stop()
    await this.#dispatcher.stop()
    await this.#settler.flush(LAST_SETTLE)
    await this.#keeper.stop()
    await this.#lease.stop()
    this.#parts.underWay.close()
  }

  #watchIdle(): void {
    this.#cancelIdle = this.#parts.clock.after(IDLE_LANES, () => {
      this.#dispatcher.retireIdle()
      this.#watchIdle()
    })
  }
}
