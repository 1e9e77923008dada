//
// Owns: the slots (connections) of one lane: which are at work, with whom, since when, and which hang.
// Never: how many there may be (shaping.ts), or what goes to them (line.ts).

import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { SlotId } from '../../net/delivery/order.ts'
import type { Connections } from './connections.ts'

export interface Slot {
  readonly id: SlotId
  outstanding: number
  routeKey: string
  /** When its oldest order went out, or the last one came back. */
  since: Milliseconds
  /** In a row for the same hosts. */
  streak: number
  suspect: boolean
}

/** What is asked of the slots at one moment. */
export interface Wanted {
  /** Connections that may be at work. */
  readonly allowed: number
  readonly proven: boolean
  /** Orders ahead of the one under way are welcome. */
  readonly ahead: boolean
  hasMailFor(routeKey: string): boolean
  /** Null when none is. */
  readonly lost: Lost | null
}

/** Slots that lost their connection and have not delivered since. */
export interface Lost {
  has(slot: SlotId): boolean
  /** Not to be used while others are at work. */
  rests(slot: SlotId): boolean
}

/**
 * Orders of a slot whose outcome is not stored yet, when its peer answers fast: the second one leaves behind the first
 * one's final dot and hides the way to the worker and back. It is also the most that a crash can double per connection.
 */
const AHEAD = 2
/** Slower peers get one at a time: an order behind a stuck one could have gone by another slot. */
const FAST: Milliseconds = 100
/** Weight of the newest transaction in the running mean. */
const NEWEST = 0.1
/** Without a word for so long, or three times what this peer usually takes, a connection hangs. */
const HUNG: Milliseconds = 10 * SECOND
/** Whose transactions take so long may have no more connections than those who hang: both together would have all. */
const SLOW: Milliseconds = 5 * SECOND
/** So many that hang, and no other has answered since: a peer that was fine has gone. Of a stranger one is enough. */
const HUNG_OF_PROVEN = 3

export class Slots {
  readonly #nextId: () => SlotId
  readonly #connections: Connections
  readonly #slots: Slot[] = []
  #busy = 0
  #stalled = false
  #answeredAt: Milliseconds = Number.NEGATIVE_INFINITY
  #mean: Milliseconds = FAST
  /** No connection was to be had; somebody must look again when one is given back. */
  starved = false

  constructor(nextId: () => SlotId, connections: Connections) {
    this.#nextId = nextId
    this.#connections = connections
  }

  get count(): number {
    return this.#slots.length
  }

  /** Connections at work. */
  get busy(): number {
    return this.#busy
  }

  /** What a transaction takes here. */
  get mean(): Milliseconds {
    return this.#mean
  }

  /** All that is at work hangs: nothing is gained by another connection, or by keeping mail in memory. */
  get stalled(): boolean {
    return this.#stalled
  }

  /** An idle slot that is connected to hosts with mail, any idle slot, a new one, or one that takes an order ahead. */
  choose(wanted: Wanted): Slot | null {
    const room = this.#mayWorkMore(wanted)
    // One that is never free could not be closed, and would go on with as many as were refused.
    const mayQueue = wanted.ahead && this.#busy <= wanted.allowed
    const ahead = mayQueue && this.#mean < FAST ? AHEAD : 1
    let idle: Slot | null = null
    let least: Slot | null = null
    for (const slot of this.#slots) {
      if (slot.outstanding > 0) {
        if (slot.outstanding < (least?.outstanding ?? ahead) && !wanted.lost?.has(slot.id)) least = slot
        continue
      }
      if (!room || (this.#busy > 0 && wanted.lost?.rests(slot.id))) continue
      if (wanted.hasMailFor(slot.routeKey)) return slot
      idle ??= slot
    }
    return room ? (idle ?? this.#open()) : least
  }

  /** Those that have a place among the connections, and wait for what becomes of the others. */
  resting(lost: Lost | null): number {
    if (lost === null || this.#busy === 0) return 0
    return this.#slots.filter(({ id, outstanding }) => outstanding === 0 && lost.rests(id)).length
  }

  engage(slot: Slot, routeKey: string, at: { readonly now: Milliseconds; readonly proven: boolean }): void {
    if (slot.outstanding === 0) {
      slot.since = at.now
      slot.suspect = !at.proven || this.#mean > SLOW
      this.#connections.take(slot.suspect)
      this.#busy += 1
    }
    slot.outstanding += 1
    slot.streak = routeKey === slot.routeKey ? slot.streak + 1 : 1
    slot.routeKey = routeKey
  }

  /** An order of this slot came back after `took`. */
  done(id: SlotId, took: Milliseconds, now: Milliseconds): void {
    const slot = this.#slots.find((each) => each.id === id)
    this.#mean += (took - this.#mean) * NEWEST
    if (slot === undefined || slot.outstanding === 0) return
    slot.outstanding -= 1
    slot.since = now
    this.#stalled = false
    if (took < HUNG) this.#answeredAt = now
    if (slot.outstanding > 0) return
    this.#busy -= 1
    this.#connections.give(slot.suspect)
    slot.suspect = false
  }

  /** Looks for those that hang. */
  sweep(now: Milliseconds, proven: boolean): void {
    if (this.#busy === 0) return
    const limit = proven ? Math.max(HUNG, 3 * this.#mean) : HUNG
    let hung = 0
    let unanswered = 0
    for (const slot of this.#slots) {
      if (slot.outstanding === 0) continue
      const hangs = now - slot.since >= limit
      if (hangs) hung += 1
      if (hangs && slot.since >= this.#answeredAt) unanswered += 1
      this.#suspect(slot, hangs || !proven || this.#mean > SLOW)
    }
    this.#stalled = hung === this.#busy && unanswered >= (proven ? HUNG_OF_PROVEN : 1)
  }

  /** Hosts with as many connections at work as they may have; null when there is none. */
  crowded(mostOf: (routeKey: string) => number): ReadonlySet<string> | null {
    let counts: Map<string, number> | null = null
    let crowded: Set<string> | null = null
    for (const { outstanding, routeKey } of this.#slots) {
      if (outstanding === 0) continue
      const most = mostOf(routeKey)
      if (most === Number.POSITIVE_INFINITY) continue
      counts ??= new Map()
      const count = (counts.get(routeKey) ?? 0) + 1
      counts.set(routeKey, count)
      if (count < most) continue
      crowded ??= new Set()
      crowded.add(routeKey)
    }
    return crowded
  }

  /** Takes out idle slots that are more than `allowed`: their connections close. Those that are `lost` have none. */
  shed(allowed: number, retire: (slot: SlotId) => void, lost?: Pick<Lost, 'has'>): void {
    let surplus = this.#slots.length - allowed
    for (const first of [true, false]) {
      for (let i = this.#slots.length - 1; i >= 0 && surplus > 0; i--) {
        const slot = this.#slots[i]
        if (slot === undefined || first !== (lost?.has(slot.id) ?? false)) continue
        // A lost one that is not free yet goes the next time, and no other for it.
        if (slot.outstanding > 0) {
          if (first) surplus -= 1
          continue
        }
        surplus -= 1
        this.#slots.splice(i, 1)
        retire(slot.id)
      }
    }
  }

  #mayWorkMore({ allowed, proven, lost }: Wanted): boolean {
    if (this.#stalled || this.#busy + this.resting(lost) >= allowed) return false
    if (this.#connections.may(!proven || this.#mean > SLOW, this.#busy)) return true
    this.starved = true
    return false
  }

  #open(): Slot {
    const slot = { id: this.#nextId(), outstanding: 0, routeKey: '', since: 0, streak: 0, suspect: false }
    this.#slots.push(slot)
    return slot
  }

  #suspect(slot: Slot, suspect: boolean): void {
    if (slot.suspect === suspect) return
    slot.suspect = suspect
    this.#connections.turn(suspect)
  }
}
