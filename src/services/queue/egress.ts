//
// Owns: whether anybody can be reached from here at all. Most hosters block outgoing port 25 until they are asked to
// open it: then every connection times out or is refused, and no single provider is to blame. A state machine without
// a world: providers and monotonic time come in.

import { MINUTE, type Milliseconds } from '../../core/time.ts'

/** So many providers are not all down at once. */
const PROVIDERS = 5
/** Who was reached since then proves that the way is open. */
const WINDOW: Milliseconds = 10 * MINUTE
/** While it is closed and a smarthost takes the mail, one message tries so often. */
const PROBE_EVERY: Milliseconds = MINUTE

export class Egress {
  readonly #failedAt = new Map<string, Milliseconds>()
  #reachedAt: Milliseconds = Number.NEGATIVE_INFINITY
  #closed = false
  #probeAt: Milliseconds = 0

  get isClosed(): boolean {
    return this.#closed
  }

  /** A host answered. True: it was closed until now. */
  reached(now: Milliseconds): boolean {
    this.#reachedAt = now
    const opens = this.#closed
    this.#closed = false
    if (this.#failedAt.size > 0) this.#failedAt.clear()
    return opens
  }

  /** None of a provider's hosts took a connection. True: now it counts as closed. */
  failed(provider: string, now: Milliseconds): boolean {
    if (this.#closed || now - this.#reachedAt < WINDOW) return false
    this.#failedAt.delete(provider)
    this.#failedAt.set(provider, now)
    for (const [each, at] of this.#failedAt) if (now - at >= WINDOW) this.#failedAt.delete(each)
    if (this.#failedAt.size < PROVIDERS) return false
    this.#failedAt.clear()
    this.#closed = true
    this.#probeAt = now + PROBE_EVERY
    return true
  }

  /** True for the one message whose turn it is to see whether it is open again. */
  takesProbe(now: Milliseconds): boolean {
    if (!this.#closed || now < this.#probeAt) return false
    this.#probeAt = now + PROBE_EVERY
    return true
  }
}
