//
// Owns: which deliveries were refused because of our address, and should go another way.
// Kept in memory: after a restart such a delivery is refused once more, deferred, and is here again.

import type { DeliveryId } from '../../core/ids.ts'

/** A name of 25 characters each. */
const MOST = 50_000

export class Detours {
  readonly #ids = new Set<DeliveryId>()

  add(id: DeliveryId): void {
    if (this.#ids.size >= MOST) {
      const oldest = this.#ids.values().next()
      if (!oldest.done) this.#ids.delete(oldest.value)
    }
    this.#ids.add(id)
  }

  /** Nearly always there is none, and then nothing is looked up. */
  has(id: DeliveryId): boolean {
    return this.#ids.size > 0 && this.#ids.has(id)
  }

  /** It has its end. */
  drop(id: DeliveryId): void {
    if (this.#ids.size > 0) this.#ids.delete(id)
  }
}
