//
// Owns: which lanes exist, which slot belongs to which lane, and which providers can take nothing now.

import type { Stream } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { SlotId } from '../../net/delivery/order.ts'
import type { ProviderBook } from '../routing/provider-book.ts'
import { Connections } from './connections.ts'
import { Lane, type LaneRules } from './lane.ts'
import type { LaneState, Remembered } from './shaping.ts'
import type { Belonging } from './slow-share.ts'
import type { Source } from './sources.ts'

export interface LanesOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly book: ProviderBook
  /** Connections at once to a provider that is in no book, at most. */
  readonly connections: number
  /** Connections at work at once over all lanes. */
  readonly maxConnections: number
  /** Deliveries of one lane in memory. */
  readonly waiting: number
}

/** Enough to learn whether a stranger answers. */
const FIRST_CONNECTIONS = 2
const STREAMS = ['transactional', 'marketing'] as const
/** Ours and local: nothing need be learnt. */
const CAPTURE = 'capture'

export class Lanes {
  readonly connections: Connections
  readonly #options: LanesOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #byProvider = new Map<string, Lane[]>()
  readonly #bySlot = new Map<SlotId, Lane>()
  readonly #kept = new Map<string, Remembered>()
  #lastSlot: SlotId = 0

  constructor(options: LanesOptions) {
    this.#options = options
    this.connections = new Connections(options.maxConnections)
  }

  lane(provider: string, source: Source): Lane {
    const name = nameOf(provider, source)
    const known = this.#lanes.get(name)
    if (known) return known
    const { clock } = this.#options
    const hooks = {
      connections: this.connections,
      nextSlot: () => {
        this.#lastSlot += 1
        this.#bySlot.set(this.#lastSlot, lane)
        return this.#lastSlot
      },
    }
    const lane: Lane = new Lane({ provider, source }, this.#rulesOf(provider), hooks, clock.monotonic())
    const kept = this.#kept.get(name)
    if (kept) lane.shaping.recall(kept, clock.monotonic(), clock.now())
    this.#kept.delete(name)
    this.#lanes.set(name, lane)
    const siblings = this.#byProvider.get(provider)
    if (siblings) siblings.push(lane)
    else this.#byProvider.set(provider, [lane])
    return lane
  }

  /** What a boot before this one learnt. */
  recall(provider: string, source: Source, kept: Remembered): void {
    this.#kept.set(nameOf(provider, source), kept)
    // It may be paused: that must be known before anything is claimed for it.
    this.lane(provider, source)
  }

  waitingAt(provider: string, source: Source): number {
    return this.#lanes.get(nameOf(provider, source))?.waiting ?? 0
  }

  /** Wall time, and so in whole milliseconds, which alone the store takes; null when the lane is not paused. */
  pausedUntil(provider: string, source: Source): Milliseconds | null {
    const { clock } = this.#options
    const now = clock.monotonic()
    const until = this.#lanes.get(nameOf(provider, source))?.shaping.pausedUntil(now) ?? null
    return until === null ? null : Math.ceil(clock.now() + until - now)
  }

  /** Unwanted there, and it is not the moment of the probe: what has another way had better take it. */
  turnsAway(provider: string, source: Source): boolean {
    const lane = this.#lanes.get(nameOf(provider, source))
    return lane?.shaping.blocked === true && lane.space(this.#options.clock.monotonic()) === 0
  }

  isSlowed(provider: string, source: Source): boolean {
    return this.stateOf(provider, source) === 'slowed'
  }

  /** Of a smarthost: it is paused, or its one probe is on the way. What has another way had better take it. */
  holdsBack(provider: string): boolean {
    const lane = this.#lanes.get(nameOf(provider, null))
    if (lane === undefined) return false
    const now = this.#options.clock.monotonic()
    return (lane.isClosed(now) || lane.shaping.isProbing(now)) && lane.space(now) === 0
  }

  /** Null for a lane that has not been used yet. */
  stateOf(provider: string, source: Source): LaneState | null {
    return this.#lanes.get(nameOf(provider, source))?.shaping.state(this.#options.clock.monotonic()) ?? null
  }

  /** Why it is slowed or paused, in the words of the peer; empty when it never was. */
  whyOf(provider: string, source: Source): string {
    return this.#lanes.get(nameOf(provider, source))?.shaping.why ?? ''
  }

  /** Pauses end now, and one delivery goes out to see; null: everywhere. */
  probe(provider: string | null): void {
    const now = this.#options.clock.monotonic()
    for (const lane of this.#lanes.values()) {
      if (provider === null || lane.provider === provider) lane.shaping.probe(now)
    }
  }

  /** For mail out of the store, in the provider's emptiest lane. */
  spaceOf(provider: string, stream: Stream = 'transactional'): number {
    return this.#most(provider, (lane, now) => lane.spaceForClaims(stream, now))
  }

  /** For mail of this account that is accepted now. */
  spaceFor(provider: string, { accountId, stream }: Belonging): number {
    return this.#most(provider, (lane, now) => lane.spaceFor(accountId, stream, now))
  }

  /** Of our addresses so many have a lane there. */
  countAt(provider: string): number {
    return this.#byProvider.get(provider)?.length ?? 0
  }

  /** By no lane what waits for it leaves soon, as far as we know. */
  isSlow(provider: string): boolean {
    const now = this.#options.clock.monotonic()
    return this.#byProvider.get(provider)?.every((lane) => lane.isSlow(now)) ?? true
  }

  ofSlot(slot: SlotId): Lane | null {
    return this.#bySlot.get(slot) ?? null
  }

  done(slot: SlotId, took: Milliseconds): Lane | null {
    const lane = this.#bySlot.get(slot) ?? null
    lane?.slots.done(slot, took, this.#options.clock.monotonic())
    return lane
  }

  /** It is not used again. */
  forgetSlot(slot: SlotId): void {
    this.#bySlot.delete(slot)
  }

  /** Providers that can take nothing more of a stream now: the store need not be asked for their mail. */
  full(): Readonly<Record<Stream, Set<string>>> {
    const now = this.#options.clock.monotonic()
    const full = { transactional: new Set<string>(), marketing: new Set<string>() }
    for (const [provider, lanes] of this.#byProvider) {
      // Nearly all of many.
      if (lanes.some((lane) => lane.isFree(now))) continue
      for (const stream of STREAMS) {
        if (lanes.every((lane) => lane.spaceForClaims(stream, now) === 0)) full[stream].add(provider)
      }
    }
    return full
  }

  all(): Iterable<Lane> {
    return this.#lanes.values()
  }

  /** Gives up the connections of lanes without work, and forgets those that have nothing to remember. */
  dropIdle(): SlotId[] {
    const now = this.#options.clock.monotonic()
    const dropped: SlotId[] = []
    for (const [name, lane] of this.#lanes) {
      if (!lane.idle) continue
      lane.slots.shed(0, (slot) => {
        this.#bySlot.delete(slot)
        dropped.push(slot)
      })
      if (lane.shaping.isMarked(now)) continue
      this.#lanes.delete(name)
      const left = this.#byProvider.get(lane.provider)?.filter((sibling) => sibling !== lane) ?? []
      if (left.length > 0) this.#byProvider.set(lane.provider, left)
      else this.#byProvider.delete(lane.provider)
    }
    return dropped
  }

  /** A source that has no lane yet would open one. */
  #most(provider: string, spaceIn: (lane: Lane, now: Milliseconds) => number): number {
    const lanes = this.#byProvider.get(provider)
    if (!lanes) return this.#options.waiting
    const now = this.#options.clock.monotonic()
    let space = 0
    for (const lane of lanes) space = Math.max(space, spaceIn(lane, now))
    return space
  }

  #rulesOf(provider: string): LaneRules {
    const { book, connections, waiting } = this.#options
    const facts = book.facts(provider)
    if (facts === null) {
      const start = provider === CAPTURE ? connections : Math.min(FIRST_CONNECTIONS, connections)
      return { start, most: connections, rate: null, waiting, messagesPerConnection: null }
    }
    return {
      ...facts.connections,
      rate: facts.messagesPerSecond,
      messagesPerConnection: facts.messagesPerConnection,
      waiting,
    }
  }
}

const nameOf = (provider: string, source: Source): string =>
  source === null ? provider : `${provider} ${source}`
