//
// Owns: what waits in memory for one webhook: in order, and of one message one at a time. Pure.

import type { MessageId } from '../../core/ids.ts'
import type { WebhookPost } from '../../store/webhook-store.ts'

/** How far is looked for a post of a message that has none under way. */
const LOOK_AHEAD = 32

export class Lane {
  #waiting: WebhookPost[] = []
  readonly #messages = new Set<MessageId>()
  /** Promised places, until their commit. */
  granted = 0

  get waiting(): number {
    return this.#waiting.length
  }
  get underWay(): number {
    return this.#messages.size
  }
  /** In memory, or about to come. */
  get load(): number {
    return this.#waiting.length + this.granted
  }
  get isIdle(): boolean {
    return this.load === 0 && this.#messages.size === 0
  }

  add(post: WebhookPost): void {
    this.#waiting.push(post)
  }

  /** The first whose message has none under way: what happened to one message is told in its order. */
  next(): WebhookPost | null {
    const end = Math.min(this.#waiting.length, LOOK_AHEAD)
    for (let at = 0; at < end; at++) {
      const post = this.#waiting[at]
      if (post === undefined || this.#messages.has(post.messageId)) continue
      this.#waiting.splice(at, 1)
      return post
    }
    return null
  }

  begin({ messageId }: WebhookPost): void {
    this.#messages.add(messageId)
  }

  end({ messageId }: WebhookPost): void {
    this.#messages.delete(messageId)
  }

  /** All that waits. */
  clear(): readonly WebhookPost[] {
    const all = this.#waiting
    this.#waiting = []
    return all
  }
}
