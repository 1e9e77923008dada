//
// Owns: how much of the memory each webhook may have, and which webhooks nothing is to be taken for now. Pure, but for
// the clock.

import type { Clock } from '../../core/ports.ts'
import type { WebhookId } from '../../core/webhook.ts'
import type { WebhookPost } from '../../store/webhook-store.ts'
import type { Endpoints } from '../posting/endpoints.ts'
import type { KnownWebhook, WebhookBook } from './book.ts'
import { Lane } from './lane.ts'

export interface LaneParts {
  readonly book: Pick<WebhookBook, 'all' | 'get'>
  readonly clock: Clock
  readonly endpoints: Endpoints
}

export interface OpenLanes {
  /** They took the last post. */
  readonly well: readonly WebhookId[]
  readonly unproven: readonly WebhookId[]
}

/** Posts in memory for one webhook; the rest waits in the store. */
const WAITING_WELL = 256
/** Of one that is not known to answer: nine hundred that hang must not have all of it. */
export const WAITING_UNPROVEN = 8
/** Of all, at some kilobytes each. */
const WAITING = 20_000
/** Lanes of webhooks that are gone are forgotten beyond so many. */
const MAX_LANES = 20_000

export class Lanes {
  readonly #parts: LaneParts
  readonly #lanes = new Map<WebhookId, Lane>()
  /** Passed over by the last look because their share was taken. */
  readonly #passedOver = new Set<WebhookId>()
  #waiting = 0

  constructor(parts: LaneParts) {
    this.#parts = parts
  }

  get isFull(): boolean {
    return this.#waiting >= WAITING
  }

  of(id: WebhookId): Lane {
    let lane = this.#lanes.get(id)
    if (lane === undefined) {
      if (this.#lanes.size >= MAX_LANES) this.#forget()
      lane = new Lane()
      this.#lanes.set(id, lane)
    }
    return lane
  }

  grant(hook: KnownWebhook): boolean {
    const lane = this.of(hook.id)
    if (this.isFull || this.rests(hook) || lane.load >= this.#shareOf(hook)) return false
    lane.granted++
    this.#waiting++
    return true
  }

  /** What was granted comes, or does not. */
  redeem(post: WebhookPost, isCommitted: boolean): void {
    const lane = this.of(post.webhookId)
    lane.granted--
    if (isCommitted) lane.add(post)
    else this.#waiting--
  }

  /** False: its share is taken. */
  add(hook: KnownWebhook, post: WebhookPost): boolean {
    const lane = this.of(hook.id)
    if (lane.load >= this.#shareOf(hook)) return false
    lane.add(post)
    this.#waiting++
    return true
  }

  next(lane: Lane): WebhookPost | null {
    const post = lane.next()
    if (post !== null) this.#waiting--
    return post
  }

  emptied(lane: Lane): readonly WebhookPost[] {
    const posts = lane.clear()
    this.#waiting -= posts.length
    return posts
  }

  clear(): readonly WebhookPost[] {
    return [...this.#lanes.values()].flatMap((lane) => this.emptied(lane))
  }

  rests({ endpoint }: KnownWebhook): boolean {
    const { clock, endpoints } = this.#parts
    return endpoints.restsUntil(endpoint) > clock.monotonic()
  }

  /** It was passed over, and need not be any more. */
  hasRoomAgain(hook: KnownWebhook): boolean {
    return this.#passedOver.has(hook.id) && !this.#isBusy(hook) && this.#passedOver.delete(hook.id)
  }

  /** Webhooks for which there is room, and to which something may go. */
  open(): OpenLanes {
    const well: WebhookId[] = []
    const unproven: WebhookId[] = []
    for (const hook of this.#parts.book.all) {
      if (!this.isOpen(hook)) continue
      const side = this.#parts.endpoints.isWell(hook.endpoint) ? well : unproven
      side.push(hook.id)
    }
    return { well, unproven }
  }

  isOpen(hook: KnownWebhook): boolean {
    if (hook.state === 'disabled' || this.rests(hook)) return false
    if (!this.#isBusy(hook)) return true
    this.#passedOver.add(hook.id)
    return false
  }

  #shareOf({ endpoint }: KnownWebhook): number {
    return this.#parts.endpoints.isWell(endpoint) ? WAITING_WELL : WAITING_UNPROVEN
  }

  #isBusy(hook: KnownWebhook): boolean {
    const lane = this.of(hook.id)
    const isUnproven = lane.underWay > 0 && !this.#parts.endpoints.isWell(hook.endpoint)
    return isUnproven || (lane.load > 0 && lane.load >= this.#shareOf(hook) / 2)
  }

  #forget(): void {
    for (const [id, lane] of this.#lanes) {
      if (lane.isIdle && this.#parts.book.get(id) === null) this.#lanes.delete(id)
    }
  }
}
