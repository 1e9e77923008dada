//
// Owns: one lane: a provider × source address. What waits for it in memory, and how much of it goes to which slot now.
// Never: how many connections are right (shaping.ts), whose turn it is (line.ts), sockets (net/delivery), or when a
// delivery is tried again (retry.ts).

import type { Stream } from '../../core/message.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { SlotId } from '../../net/delivery/order.ts'
import type { Connections } from './connections.ts'
import { Line, type Ready } from './line.ts'
import { Pace } from './pace.ts'
import { Shaping, type ShapingRules } from './shaping.ts'
import { type Lost, type Slot, Slots } from './slots.ts'
import type { Source } from './sources.ts'
import { REST, Surplus } from './surplus.ts'

export interface LaneRules extends ShapingRules {
  /** Deliveries that may wait in memory for this lane; the rest waits in the store. */
  readonly waiting: number
  /** Then a fresh connection is made; null: as everywhere. */
  readonly messagesPerConnection: number | null
}

export interface LaneHooks {
  readonly nextSlot: () => SlotId
  readonly connections: Connections
}

/** What filling a lane leads to. */
export interface Filling {
  assign(slot: SlotId, ready: Ready): void
  /** Its connection is one too many. */
  retire(slot: SlotId): void
  /** The pause is over and one delivery goes out to see. */
  probing(): void
}

/** A slot stays with its hosts for so many messages while others wait. */
const STAY = 20
/** Connections to a host that has not answered yet, of a provider that has. */
const UNKNOWN_HOST = 2
/** Whose answers are remembered: of most providers a few. */
const MOST_HOSTS = 10_000
/** Who has not delivered yet may fill no more of the memory than this. */
const STRANGERS_WAITING = 50
/** Of what may wait in memory, one part of so many. */
const KEPT_FOR_NEW = 4
const KEPT_FOR_CLAIMS = 8
/** With so many times more than it may hold now, a lane gives back what waits. */
const SHRUNK = 2
/** Of a slow lane only what it can send in this time waits in memory. */
const SLOW_LANE_SECONDS = 30
const SLOW: Milliseconds = SECOND

export class Lane {
  readonly provider: string
  readonly source: Source
  readonly rules: LaneRules
  readonly shaping: Shaping
  readonly slots: Slots
  readonly surplus = new Surplus()
  readonly #line = new Line()
  /** False for hosts that could not be reached since they last answered. */
  readonly #answers = new Map<string, boolean>()
  #pace: Pace | null = null
  #announced = false

  constructor(
    of: { readonly provider: string; readonly source: Source },
    rules: LaneRules,
    hooks: LaneHooks,
    now: Milliseconds,
  ) {
    this.provider = of.provider
    this.source = of.source
    this.rules = rules
    this.slots = new Slots(hooks.nextSlot, hooks.connections)
    this.shaping = new Shaping(rules, now)
  }

  get waiting(): number {
    return this.#line.size
  }

  get idle(): boolean {
    return this.#line.size === 0 && this.slots.busy === 0
  }

  /** Free places among those that may wait in memory. */
  space(now: Milliseconds): number {
    return Math.max(0, this.#bound(now) - this.#line.size)
  }

  /**
   * Those for mail out of the store: a quarter stays free for what is accepted now, whoever has a backlog there. However
   * much is accepted now, an eighth for each stream is for what waited longer.
   */
  spaceForClaims(stream: Stream, now: Milliseconds): number {
    const bound = this.#bound(now)
    const kept = Math.floor(bound / KEPT_FOR_CLAIMS) - this.#line.fromStore(stream)
    return Math.max(0, kept, bound - Math.floor(bound / KEPT_FOR_NEW) - this.#line.size)
  }

  /**
   * For what is accepted now. Nobody may hold more than what is left for others: one account gets half of the memory, two
   * get a third each; and newsletters leave a quarter to transactional mail.
   */
  spaceFor(account: string, stream: Stream, now: Milliseconds): number {
    const bound = this.#bound(now)
    const most = stream === 'marketing' ? bound - Math.floor(bound / KEPT_FOR_NEW) : bound
    const space = Math.max(0, most - this.#line.size)
    return this.#line.ofAccount(account) < space ? space : 0
  }

  /** Nothing waits and nothing is wrong: there is space, and nothing need be reckoned. */
  isFree(now: Milliseconds): boolean {
    if (this.#line.size > 0 || this.slots.stalled) return false
    return this.shaping.pausedUntil(now) === null && !this.shaping.isProbing(now)
  }

  /** What waits for it may hold its memory for long. */
  isSlow(now: Milliseconds): boolean {
    return !this.shaping.proven || this.slots.mean > SLOW || this.shaping.rate(now) !== null
  }

  /** What comes now had better wait in the store. */
  isClosed(now: Milliseconds): boolean {
    return this.slots.stalled || this.shaping.pausedUntil(now) !== null
  }

  push(ready: Ready): void {
    this.#line.push(ready)
  }

  /** Gives what waits to slots, as far as there is room. Returns after what time to call again, if by time alone. */
  fill(now: Milliseconds, filling: Filling): Milliseconds | null {
    this.slots.starved = false
    this.slots.shed(this.shaping.connections(now), (slot) => filling.retire(slot), this.surplus)
    const wanted = this.#wanted(now)
    while (this.#line.size > 0) {
      const slot = this.slots.choose(wanted)
      if (slot === null) return this.slots.resting(wanted.lost) > 0 ? REST : null
      const wait = this.#paceFor(now)
      if (wait > 0) return wait
      const ready = this.#next(slot)
      if (ready === undefined) {
        this.#pace?.giveBack()
        return null
      }
      this.slots.engage(slot, ready.routeKey, { now, proven: this.shaping.proven })
      if (!this.#announced && this.shaping.isProbing(now)) {
        this.#announced = true
        filling.probing()
      }
      filling.assign(slot.id, ready)
    }
    return null
  }

  /** Connections that are pressed with: those at work, and those that would be if they were not lost. */
  open(now: Milliseconds): number {
    return this.slots.busy + this.slots.resting(this.#lost(now))
  }

  /** Whether hosts answer, as far as it concerns how many slots may go there. */
  noteRoute(routeKey: string, reached: boolean): void {
    if (this.#answers.get(routeKey) === reached) return
    if (this.#answers.size >= MOST_HOSTS) this.#answers.clear()
    this.#answers.set(routeKey, reached)
  }

  /** The next pause has a probe of its own. */
  pauseBegan(): void {
    this.#announced = false
  }

  /** Looks for connections that hang; true when what waits had better go back to the store: it hangs, or became slow. */
  sweep(now: Milliseconds): boolean {
    this.slots.sweep(now, this.shaping.proven)
    return this.#line.size > 0 && this.#line.size > SHRUNK * this.#bound(now)
  }

  /** Everything that still waits, taken out. */
  drain(): Ready[] {
    return this.#line.drain()
  }

  #bound(now: Milliseconds): number {
    const { waiting } = this.rules
    if (this.slots.stalled || this.shaping.connections(now) === 0) return 0
    if (this.shaping.isProbing(now)) return this.slots.busy > 0 ? 0 : 1
    if (!this.shaping.proven) return Math.min(waiting, STRANGERS_WAITING)
    const isSlow = this.slots.mean > SLOW
    const pace = this.shaping.rate(now) ?? (isSlow ? this.shaping.tally.rates(now).tried : null)
    if (pace === null) return waiting
    return Math.min(waiting, Math.max(STRANGERS_WAITING, Math.ceil(pace * SLOW_LANE_SECONDS)))
  }

  #wanted(now: Milliseconds): Parameters<Slots['choose']>[0] {
    return {
      allowed: this.shaping.connections(now),
      proven: this.shaping.proven,
      ahead: !this.shaping.isProbing(now),
      hasMailFor: (routeKey) => this.#line.hasRoute(routeKey),
      lost: this.#lost(now),
    }
  }

  #lost(now: Milliseconds): Lost | null {
    const { surplus } = this
    if (surplus.isEmpty) return null
    return { has: (slot) => surplus.has(slot), rests: (slot) => surplus.rests(slot, now) }
  }

  /** One host that hangs must not take all connections of a provider whose other hosts do not. */
  readonly #mostOf = (routeKey: string): number => {
    const answers = this.#answers.get(routeKey)
    if (answers === undefined) return this.shaping.proven ? UNKNOWN_HOST : Number.POSITIVE_INFINITY
    return answers ? Number.POSITIVE_INFINITY : 1
  }

  #paceFor(now: Milliseconds): Milliseconds {
    const rate = this.shaping.rate(now)
    if (rate === null) {
      this.#pace = null
      return 0
    }
    this.#pace ??= new Pace(now)
    return this.#pace.take(rate, now)
  }

  #next(slot: Slot): Ready | undefined {
    const barred = this.slots.crowded(this.#mostOf)
    const stays = slot.routeKey !== '' && slot.streak < STAY
    return this.#line.take({ preferred: stays ? slot.routeKey : null, barred })
  }
}
