//
// Owns: how much mail the dispatcher may hold in memory, in octets, and the contents of what it holds.
// A content that many deliveries share is counted and kept once.

import type { StoredContent } from '../../core/content.ts'
import type { ContentId } from '../../core/ids.ts'

/** What a delivery costs beside its content: envelope, message facts, places in maps. Measured, rounded up. */
export const DELIVERY_OVERHEAD_OCTETS = 1024

interface Kept {
  readonly content: StoredContent
  uses: number
}

export class Room {
  readonly #limit: number
  readonly #kept = new Map<ContentId, Kept>()
  #used = 0

  constructor(limitOctets: number) {
    this.#limit = limitOctets
  }

  get free(): number {
    return Math.max(0, this.#limit - this.#used)
  }

  get used(): number {
    return this.#used
  }

  /** More than half empty: worth asking the store for more. */
  get wantsMore(): boolean {
    return this.#used * 2 < this.#limit
  }

  /** Takes room for `deliveries` of one content ahead of their commit; false when there is none. An empty room takes anything, or a message larger than it would never leave. */
  reserve(deliveries: number, contentOctets: number): boolean {
    const cost = deliveries * DELIVERY_OVERHEAD_OCTETS + contentOctets
    if (this.#used > 0 && this.#used + cost > this.#limit) return false
    this.#used += cost
    return true
  }

  /** Gives back what `reserve` took: the commit failed, or what it was for is counted by `enter` from now on. */
  unreserve(deliveries: number, contentOctets: number): void {
    this.#used -= deliveries * DELIVERY_OVERHEAD_OCTETS + contentOctets
  }

  /** `own`: octets that this delivery alone brings with it. */
  enter(content: StoredContent, own = 0): void {
    this.#used += DELIVERY_OVERHEAD_OCTETS + own
    const kept = this.#kept.get(content.id)
    if (kept) {
      kept.uses += 1
      return
    }
    this.#kept.set(content.id, { content, uses: 1 })
    this.#used += content.bytes.length
  }

  leave(id: ContentId, own = 0): void {
    const kept = this.#kept.get(id)
    if (!kept) throw new Error(`content ${id} left a room that it never entered`)
    this.#used -= DELIVERY_OVERHEAD_OCTETS + own
    kept.uses -= 1
    if (kept.uses > 0) return
    this.#kept.delete(id)
    this.#used -= kept.content.bytes.length
  }

  /** More than one delivery of it is here. */
  isShared(id: ContentId): boolean {
    return (this.#kept.get(id)?.uses ?? 0) > 1
  }

  content(id: ContentId): StoredContent | null {
    return this.#kept.get(id)?.content ?? null
  }
}
