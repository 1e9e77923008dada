//
// Owns: how much may wait for webhooks: strangers write letters, and a program that is down for three days must not
// fill the disk that outgoing mail needs. Counted in the store now and then, and by what this node added since.

import type { Clock } from '../../core/ports.ts'
import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { InboundRouteId, InboundStore, WaitingPosts } from '../../store/inbound-store.ts'

export interface BacklogLimits {
  /** Letters and octets of one route: whoever fills it fills it alone. */
  readonly letters: number
  readonly octets: number
  /** Octets of all routes. */
  readonly all: number
}

const MB = 1024 * 1024
export const BACKLOG_LIMITS: BacklogLimits = { letters: 10_000, octets: 256 * MB, all: 1024 * MB }

const COUNT_EVERY: Milliseconds = MINUTE

interface Load {
  letters: number
  octets: number
}

export class Backlog {
  readonly #store: Pick<InboundStore, 'waitingPosts'>
  readonly #clock: Clock
  readonly #limits: BacklogLimits
  #loads = new Map<InboundRouteId, Load>()
  #all = 0
  #counting: Promise<void> | null = null
  #countedAt: Milliseconds | null = null

  constructor(
    { clock, store }: { readonly clock: Clock; readonly store: Pick<InboundStore, 'waitingPosts'> },
    limits: BacklogLimits = BACKLOG_LIMITS,
  ) {
    this.#store = store
    this.#clock = clock
    this.#limits = limits
  }

  async hasRoom(route: InboundRouteId): Promise<boolean> {
    const now = this.#clock.monotonic()
    if (this.#countedAt === null || now - this.#countedAt >= COUNT_EVERY) {
      this.#counting ??= this.#count(now).finally(() => {
        this.#counting = null
      })
      await this.#counting
    }
    const { letters, octets, all } = this.#limits
    const load = this.#loads.get(route)
    return this.#all < all && (load === undefined || (load.letters < letters && load.octets < octets))
  }

  added(route: InboundRouteId, octets: number): void {
    this.#take({ routeId: route, letters: 1, octets })
  }

  async #count(now: Milliseconds): Promise<void> {
    const waiting = await this.#store.waitingPosts()
    this.#loads = new Map()
    this.#all = 0
    for (const one of waiting) this.#take(one)
    this.#countedAt = now
  }

  #take({ routeId, letters, octets }: WaitingPosts): void {
    const load = this.#loads.get(routeId) ?? { letters: 0, octets: 0 }
    load.letters += letters
    load.octets += octets
    this.#loads.set(routeId, load)
    this.#all += octets
  }
}
