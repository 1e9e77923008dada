//
// Owns: from lanes to orders and from reports back to lanes: which lanes may have something to send now, what their
// pace makes wait, what they learn of an attempt, and what of it is worth a line in the log.
// Never: a delivery's own end (dispatcher.ts, settle.ts).

import type { AttemptOutcome, Cause } from '../../core/outcome.ts'
import type { Clock, Dice, Log, Meter } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import { judge } from '../../mail/bounces/classify.ts'
import { type Pressure, pressureOf } from '../../mail/bounces/pressure.ts'
import type { DeliveryOrder, DeliveryPool, SlotId } from '../../net/delivery/order.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Ready } from './line.ts'
import type { LaneChange } from './shaping.ts'

export interface FeedParts {
  readonly lanes: Lanes
  readonly pool: Pick<DeliveryPool, 'send' | 'retire'>
  readonly clock: Clock
  readonly dice: Dice
  readonly log: Log
  readonly meter: Meter
  /** The name under which a provider is counted: of all the world's there are too many. */
  readonly label: (provider: string) => string
  readonly onRecovered: () => void
  maySend(): boolean
  /** Null when it was let go of meanwhile. */
  order(slot: SlotId, ready: Ready, lane: Lane, at: Milliseconds): DeliveryOrder | null
  /** They wait in the store until their lane goes on. */
  giveBack(lane: Lane, waiting: readonly Ready[]): void
}

/** What an attempt tells the lane. */
export interface Tried {
  readonly outcome: AttemptOutcome
  readonly routeKey: string
  readonly sender: string
}

/** Lanes without a connection that are looked at when one comes free: each frees no more than one. */
const STARVED_AT_ONCE = 2
/** A peer's words in the log. */
const WHY_CHARACTERS = 200

export class Feed {
  readonly #parts: FeedParts
  readonly #dirty = new Set<Lane>()
  readonly #starved = new Set<Lane>()
  readonly #timers = new Map<Lane, () => void>()
  #flushing = false

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /** Something changed that kept its mail waiting. */
  touch(lane: Lane): void {
    this.#dirty.add(lane)
    this.#scheduleFlush()
  }

  touchAll(): void {
    for (const lane of this.#parts.lanes.all()) this.#dirty.add(lane)
    this.#scheduleFlush()
  }

  /** An order of this slot is done with. */
  free(slot: SlotId, took: Milliseconds): void {
    const lane = this.#parts.lanes.done(slot, took)
    if (lane) this.#dirty.add(lane)
    let more = STARVED_AT_ONCE
    for (const starved of this.#starved) {
      if (more-- === 0) break
      this.#starved.delete(starved)
      this.#dirty.add(starved)
    }
    this.#scheduleFlush()
  }

  /** At once, before anything is stored: the next order should know it. */
  learn(slot: SlotId, { outcome, routeKey, sender }: Tried): void {
    const lane = this.#parts.lanes.ofSlot(slot)
    if (lane === null) return
    const { clock, dice } = this.#parts
    const now = clock.monotonic()
    if (outcome.kind === 'delivered') {
      const wasFull = !lane.shaping.proven && lane.spaceForClaims('transactional', now) === 0
      lane.noteRoute(routeKey, true)
      lane.surplus.delivered(slot, routeKey)
      this.#note(lane, lane.shaping.delivered(now, lane.slots.busy, sender))
      // No stranger any more: it may have a hundred times as much.
      if (wasFull) this.#parts.onRecovered()
      return
    }
    const { cause } = outcome
    if (cause.kind === 'internal' || cause.kind === 'dns') return
    const felt = pressureIn(cause)
    const open = lane.open(now)
    const isSurplus = felt === 'unreachable' && lane.surplus.lost(slot, routeKey, now) && open > 1
    const pressure = isSurplus ? 'too-many-connections' : felt
    lane.noteRoute(routeKey, pressure !== 'unreachable')
    if (pressure === 'none') {
      this.#note(lane, lane.shaping.answered(now))
      return
    }
    const why = judge(cause).diagnostic.slice(0, WHY_CHARACTERS)
    const pressed = { pressure, why, early: isEarly(cause), sender, open }
    this.#note(lane, lane.shaping.pressed(pressed, { now, dice: dice() }))
  }

  /** Once a second. */
  sweep(): void {
    const now = this.#parts.clock.monotonic()
    for (const lane of this.#parts.lanes.all()) {
      if (lane.sweep(now)) this.#parts.giveBack(lane, lane.drain())
    }
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  /** Once per turn of the event loop: orders travel to workers in batches. */
  #scheduleFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    const { clock, pool } = this.#parts
    if (!this.#parts.maySend()) return
    const orders: DeliveryOrder[] = []
    const now = clock.monotonic()
    const at = clock.now()
    for (const lane of this.#dirty) {
      const wait = lane.fill(now, {
        assign: (slot, ready) => {
          const order = this.#parts.order(slot, ready, lane, at)
          if (order) orders.push(order)
          else this.#parts.lanes.done(slot, 0)
        },
        retire: (slot) => this.#retire(slot),
        probing: () => this.#note(lane, 'probing'),
      })
      if (lane.slots.starved) this.#starved.add(lane)
      if (wait !== null) this.#comeBack(lane, wait)
    }
    this.#dirty.clear()
    if (orders.length > 0) pool.send(orders)
  }

  #comeBack(lane: Lane, wait: Milliseconds): void {
    if (this.#timers.has(lane)) return
    const cancel = this.#parts.clock.after(wait, () => {
      this.#timers.delete(lane)
      this.touch(lane)
    })
    this.#timers.set(lane, cancel)
  }

  #retire(slot: SlotId): void {
    this.#parts.lanes.forgetSlot(slot)
    this.#parts.pool.retire(slot)
  }

  #note(lane: Lane, change: LaneChange | null): void {
    if (change === null) return
    const { clock, log, meter, label } = this.#parts
    meter.count('lane_changes_total', 1, { provider: label(lane.provider), change })
    const now = clock.monotonic()
    const { shaping, provider, source } = lane
    const facts = { provider, source: source ?? '', connections: shaping.connections(now) }
    switch (change) {
      case 'slowed':
        log.info('a lane is slowed down', { ...facts, per_second: shaping.rate(now), why: shaping.why })
        break
      case 'paused': {
        lane.pauseBegan()
        const length = (shaping.pausedUntil(now) ?? now) - now
        log.warn('a lane is paused; one delivery will try then', {
          ...facts,
          seconds: Math.round(length / 1000),
          why: shaping.why,
        })
        const waiting = lane.drain()
        if (waiting.length > 0) this.#parts.giveBack(lane, waiting)
        break
      }
      case 'probing':
        log.info('a paused lane is probed', facts)
        break
      case 'recovered':
        log.info('a lane goes on', facts)
        this.#parts.onRecovered()
        break
      default:
        change satisfies never
    }
  }
}

/** No answer to the final dot is silence like any other. */
const pressureIn = (cause: Cause): Pressure =>
  cause.kind === 'uncertain' ? 'unreachable' : pressureOf(cause)

const isEarly = (cause: Cause): boolean =>
  cause.kind === 'reply' &&
  (cause.stage === 'GREETING' || cause.stage === 'EHLO' || cause.stage === 'STARTTLS')
