//
// Owns: the way of a delivery in memory: from hand-over or claim, by route and lane, to a slot and back.
// Never: SQL, sockets, permanence or time; it calls those who own them.
//
//   handOver / claimed ──► take ──► (identity, route known?) ──► place ──► lane ──► slot ──► reports ──► finish
//                             └──► sandbox ─────────────────────────────────────────────────────────────┘

import type { Domain } from '../../core/address.ts'
import { ClockStep } from '../../core/clock-step.ts'
import type { StoredContent } from '../../core/content.ts'
import type { DeliveryId } from '../../core/ids.ts'
import { beginOf, type ClaimedDelivery } from '../../core/message.ts'
import type { AttemptOutcome } from '../../core/outcome.ts'
import { providerOf, type Route } from '../../core/route.ts'
import type { Milliseconds } from '../../core/time.ts'
import { judge } from '../../mail/bounces/classify.ts'
import type { DeliveryOrder, DeliveryPool, DeliveryReport, SlotId } from '../../net/delivery/order.ts'
import { Access } from './access.ts'
import { tellAttempt } from './attempt-line.ts'
import { backAt } from './away.ts'
import { countDoubtful } from './doubt.ts'
import { Estimator } from './estimate.ts'
import { Feed } from './feed.ts'
import { Hands } from './hands.ts'
import type { Lane } from './lane.ts'
import { labelsOf } from './lane-report.ts'
import { Lanes } from './lanes.ts'
import type { Ready } from './line.ts'
import { orderOf } from './orders.ts'
import type { Identity, QueueParts } from './parts.ts'
import type { Room } from './room.ts'
import { isSandboxed, played } from './sandbox.ts'
import { type Finished, returnUntried, settlementFor, untouched } from './settle.ts'
import type { Settler } from './settler.ts'
import { Ways } from './ways.ts'
import { isUnbound } from './wishes.ts'

export interface DispatcherHooks {
  readonly maySend: () => boolean
  /** A lane takes mail again: the store may have some for it. */
  readonly onRecovered: () => void
}

export class Dispatcher {
  readonly room: Room
  readonly access: Access
  readonly lanes: Lanes
  readonly ways: Ways
  readonly estimator = new Estimator()
  readonly #parts: QueueParts
  readonly #settler: Settler
  readonly #step: ClockStep
  readonly #pool: DeliveryPool
  readonly #hands: Hands
  readonly #feed: Feed
  readonly #known = new Map<string, Identity>()
  readonly isUnderWay = (id: DeliveryId): boolean => (this.#hands.of(id)?.slot ?? null) !== null
  stopping = false

  constructor(parts: QueueParts, settler: Settler, { maySend, onRecovered }: DispatcherHooks) {
    this.#parts = parts
    this.#settler = settler
    this.#step = new ClockStep(parts.clock)
    const { book, laneConnections, laneWaiting, maxConnections, memory } = parts.options
    this.#hands = new Hands(memory)
    this.room = this.#hands.room
    const limits = { connections: laneConnections, maxConnections, waiting: laneWaiting }
    this.lanes = new Lanes({ clock: parts.clock, book, ...limits })
    const providerOf = (destination: Domain): string => this.providerOf(destination)
    this.ways = new Ways({ ...parts, ...parts.options, lanes: this.lanes, providerOf })
    this.access = new Access({ ...parts, lanes: this.lanes, share: this.#hands.share })
    this.#pool = parts.openPool({
      onReports: (reports) => this.#reports(reports),
      onWorkerLost: (worker, detail) => this.#workerLost(worker, detail),
    })
    this.#feed = new Feed({
      ...parts,
      lanes: this.lanes,
      pool: this.#pool,
      label: labelsOf(book),
      onRecovered,
      maySend: () => !this.stopping && maySend(),
      order: (slot, ready, lane, at) => this.#order(slot, ready, lane, at),
      giveBack: (lane, waiting) => this.#giveBack(lane, waiting, this.ways.isOpen(lane.provider)),
    })
  }

  get inHand(): number {
    return this.#hands.size
  }

  /** The lane's name for a destination; the destination itself until its route is known. */
  providerOf(destination: Domain): string {
    return providerOf(this.#parts.router.peek(destination)) ?? destination
  }

  /** Deliveries whose leases this boot holds come in; their content's room is counted from here on. */
  take(content: StoredContent, deliveries: readonly ClaimedDelivery[], fromStore = false): void {
    for (const delivery of deliveries) {
      this.#hands.take(content, delivery, fromStore)
      this.#begin(delivery)
    }
  }

  /** Sends what waits: something changed. */
  resume(): void {
    this.#feed.touchAll()
  }

  /** Once a second: connections that hang are found, and what waits behind them goes back. */
  sweep(): void {
    this.#feed.sweep()
    this.#hands.noteHung((slot) => this.lanes.ofSlot(slot)?.slots.stalled ?? false)
  }

  /** What no worker has goes back: the lease had lapsed and it may be another node's by now, or an operator wants it. */
  returnUnsent(isMeant: (delivery: ClaimedDelivery) => boolean = () => true): Promise<void>[] {
    const now = this.#parts.clock.now()
    const unsent = this.#hands.all().filter(({ delivery, slot }) => slot === null && isMeant(delivery))
    if (unsent.length === 0) return []
    for (const lane of this.lanes.all()) {
      for (const ready of lane.drain()) if (!isMeant(ready.delivery)) lane.push(ready)
    }
    return unsent.map(({ delivery }) => {
      this.#letGo(delivery)
      return new Promise((stored) => this.#settler.add(returnUntried(delivery, now), stored))
    })
  }

  /** Ends transactions under way, gives the rest back untried. */
  async stop(): Promise<void> {
    this.stopping = true
    this.#feed.stop()
    await this.#pool.stop(this.#parts.options.stopPatience)
    const now = this.#parts.clock.now()
    for (const { delivery } of this.#hands.all()) this.#settler.add(returnUntried(delivery, now))
    this.#hands.clear()
  }

  retireIdle(): void {
    for (const slot of this.lanes.dropIdle()) this.#pool.retire(slot)
  }

  #begin(delivery: ClaimedDelivery): void {
    if (isSandboxed(delivery)) {
      this.#finish(delivery, ...played(delivery, this.#parts))
      return
    }
    const { clock, identities, options, router } = this.#parts
    if (delivery.expiresAt <= clock.now() - this.#step.since(beginOf(delivery))) {
      this.#fail(delivery, { kind: 'policy', rule: 'expired', detail: 'not delivered in the time allowed' })
      return
    }
    const identity = identities.peek(delivery.signingDomain)
    const route =
      options.transport.kind === 'capture' ? null : router.peek(delivery.destination, isUnbound(delivery))
    if (identity && (route || options.transport.kind === 'capture')) this.#place(delivery, identity, route)
    else void this.#prepare(delivery)
  }

  async #prepare(delivery: ClaimedDelivery): Promise<void> {
    const { identities, log, options, router } = this.#parts
    this.#hands.setSlow(this.#hands.handOf(delivery), true)
    try {
      const [identity, route] = await Promise.all([
        identities.load(delivery.signingDomain),
        options.transport.kind === 'capture' ? null : router.find(delivery.destination, isUnbound(delivery)),
      ])
      if (this.#hands.handOf(delivery)) this.#place(delivery, identity, route)
    } catch (error) {
      if (!this.#hands.handOf(delivery)) return
      log.error('a delivery could not be prepared', { delivery: delivery.id, error: String(error) })
      this.#fail(delivery, { kind: 'internal', detail: 'it could not be prepared here' })
    }
  }

  #place(delivery: ClaimedDelivery, identity: Identity, route: Route | null): void {
    if (this.#known.get(delivery.signingDomain) !== identity) {
      this.#known.set(delivery.signingDomain, identity)
      this.#pool.setKeys(delivery.signingDomain, identity.keys)
    }
    const placement = this.ways.place(delivery, route, this.#parts.dice)
    if (placement.kind === 'nowhere') {
      this.#fail(delivery, placement.cause)
      return
    }
    if (placement.kind === 'later') {
      this.#settler.add(returnUntried(delivery, Math.round(this.#parts.clock.now() + placement.wait)))
      this.#letGo(delivery)
      return
    }
    const hand = this.#hands.of(delivery.id)
    if (!hand) return
    hand.standing = placement.standing
    const lane = this.lanes.lane(placement.provider, placement.source)
    const now = this.#parts.clock.monotonic()
    if (lane.isClosed(now)) {
      this.access.turnedAway(delivery, lane)
      this.#giveBack(lane, [placement.ready], false)
      return
    }
    this.#hands.setSlow(hand, lane.isSlow(now))
    lane.push(hand.fromStore ? { ...placement.ready, fromStore: true } : placement.ready)
    this.#feed.touch(lane)
  }

  /** Untried, until their lane goes on or `elsewhere` is open; some may expire before that. */
  #giveBack(lane: Lane, waiting: readonly Ready[], elsewhere: boolean): void {
    const now = this.#parts.clock.now()
    const round = elsewhere || this.ways.goesRound(lane.provider)
    const until = round ? now : this.lanes.pausedUntil(lane.provider, lane.source)
    for (const { delivery } of waiting) {
      if (!this.#hands.handOf(delivery)) continue
      const dueAt = this.ways.hasNextRelay(delivery, lane.provider) ? now : backAt(now, until, delivery)
      this.#settler.add(returnUntried(delivery, dueAt))
      this.#settler.waits(delivery.recipient)
      this.#letGo(delivery)
    }
  }

  #order(slot: SlotId, ready: Ready, lane: Lane, at: Milliseconds): DeliveryOrder | null {
    const { delivery } = ready
    const hand = this.#hands.of(delivery.id)
    const content = this.room.content(delivery.contentId)
    const identity = this.#known.get(delivery.signingDomain)
    if (!hand || !content || !identity) return null
    hand.slot = slot
    hand.routeKey = ready.routeKey
    hand.place = this.#parts.underWay.began({ deliveryId: delivery.id, attempts: delivery.attempts })
    const { messagesPerConnection } = lane.rules
    const shared = this.room.isShared(content.id)
    return orderOf(ready, { slot, at, identity, content, shared, messagesPerConnection })
  }

  #reports(reports: readonly DeliveryReport[]): void {
    for (const report of reports) {
      const took = report.evidence.endedAt - report.evidence.startedAt
      const hand = this.#hands.of(report.deliveryId)
      // A slot gets its next order when the outcome of the last one is stored, not when it is known: what a crash
      // between the peer's 250 and our commit can double is bounded by the orders of a slot (I2).
      const free = () => {
        if (hand) this.#parts.underWay.ended(hand.place)
        this.#feed.free(report.slot, took)
      }
      if (!hand) {
        free()
        continue
      }
      const { delivery, routeKey } = hand
      this.#feed.learn(report.slot, { outcome: report.outcome, routeKey, sender: delivery.signingDomain })
      this.#finish(delivery, report, free)
    }
  }

  #workerLost(worker: number, detail: string): void {
    this.#parts.log.error('a delivery worker died; what it held is tried again later', { worker, detail })
    this.#parts.meter.count('delivery_workers_lost_total')
    this.#known.clear()
    for (const hand of this.#hands.all()) {
      if (hand.slot === null || hand.slot % this.#pool.workers !== worker) continue
      this.lanes.done(hand.slot, 0)
      this.#parts.underWay.ended(hand.place)
      countDoubtful(this.#parts.meter, 'worker')
      this.#fail(hand.delivery, { kind: 'internal', detail: 'the delivery worker died' })
    }
    this.resume()
  }

  #fail(delivery: ClaimedDelivery, cause: Extract<AttemptOutcome, { kind: 'deferred' }>['cause']): void {
    const verdict = judge(cause)
    const outcome: AttemptOutcome = verdict.permanent
      ? { kind: 'bounced', cause, hardness: verdict.hardness }
      : { kind: 'deferred', cause }
    this.#finish(delivery, { outcome, evidence: untouched(this.#parts.clock.now()) })
  }

  #finish(delivery: ClaimedDelivery, { outcome, evidence }: Finished, stored?: () => void): void {
    const { clock, dice, ids } = this.#parts
    const now = clock.now()
    const ahead = this.#step.since(beginOf(delivery))
    const standing = this.#hands.of(delivery.id)?.standing ?? null
    const otherWay = this.ways.finished(delivery, standing, { outcome, evidence })
    const finished: Finished = { outcome, evidence, otherWay }
    this.#settler.add(
      settlementFor(delivery, finished, { now, dice: dice(), ahead }, () => ids.event()),
      stored,
    )
    tellAttempt(this.#parts, delivery, finished, this.providerOf(delivery.destination))
    if (evidence.tlsSessions !== undefined) this.#parts.tlsSessions?.(delivery, evidence)
    if (outcome.kind === 'delivered' && delivery.attempts === 0 && delivery.mode === 'live') {
      this.estimator.record(this.providerOf(delivery.destination), now, now - beginOf(delivery))
    }
    this.#letGo(delivery)
  }

  #letGo(delivery: ClaimedDelivery): void {
    this.ways.letGo(delivery, this.#hands.of(delivery.id)?.standing ?? null)
    this.#hands.letGo(delivery)
  }
}
