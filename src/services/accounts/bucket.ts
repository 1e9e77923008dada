//
// Owns: one account's token bucket as this node sees it (decision 12): tokens leased from the store, and what
// the store held at the last look. Pure but for the `lease` it is given.
//
// A request passes while there is a whole token and may take more than there are: the debt is what the next
// one waits for. A single node is exact. Several nodes share the store's bucket: each leases what it believes
// to be there, at most one second's worth; a belief too high overdraws the store's bucket, so the average holds.

import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { TokenGrant } from '../../store/token-ask.ts'

export interface BucketLimits {
  readonly ratePerSecond: number
  /** Most that may gather: one second's worth, but at least one token. */
  readonly capacity: number
}

export const limitsOf = (ratePerSecond: number): BucketLimits => ({
  ratePerSecond,
  capacity: Math.max(1, ratePerSecond),
})

export interface BucketVerdict {
  readonly allowed: boolean
  readonly retryAfter: Milliseconds
  readonly remaining: number
}

export interface Around {
  /** Asks the store. */
  lease(want: number, limits: BucketLimits): Promise<TokenGrant>
  /** Monotonic. */
  now(): Milliseconds
}

/** Sums of fractions come out a hair short: 0.1 ten times is less than 1. */
const HAIR = 1e-6

export class Bucket {
  /** Taken from the store and not spent; below zero it is a debt. */
  #leased = 0
  /** What the store held at `#seenAt`; before the first look nobody knows, and a full bucket is a good guess. */
  #stored: number | null = null
  #seenAt: Milliseconds = 0
  #leasing: Promise<void> | null = null

  /** `now` is monotonic and read anew after each wait. */
  async take(want: number, limits: BucketLimits, around: Around): Promise<BucketVerdict> {
    this.#letGo(this.#storedAt(around.now(), limits), limits)
    for (;;) {
      const stored = this.#storedAt(around.now(), limits)
      if (this.#leased >= want) return this.#spend(want, stored)
      if (this.#leased + stored < 1 - HAIR) return this.#refuse(stored, limits)
      // Others have emptied the store, but what was leased is still a whole token: it passes and overdraws here.
      if (stored < 1 - HAIR) return this.#spend(want, stored)
      // One question at a time, or each of a crowd would lease for itself.
      if (this.#leasing !== null) await this.#leasing
      else await this.#lease(want, stored, limits, around)
    }
  }

  #spend(want: number, stored: number): BucketVerdict {
    this.#leased -= want
    return { allowed: true, retryAfter: 0, remaining: whole(this.#leased + stored) }
  }

  #refuse(stored: number, { ratePerSecond }: BucketLimits): BucketVerdict {
    const missing = 1 - HAIR - this.#leased - stored
    return { allowed: false, retryAfter: Math.ceil((missing / ratePerSecond) * SECOND), remaining: 0 }
  }

  /** What the store holds by now, as far as this node can know. */
  #storedAt(now: Milliseconds, { ratePerSecond, capacity }: BucketLimits): number {
    if (this.#stored === null) return capacity
    // A debt that could not be left in the store is paid from what would not fit into the bucket.
    const most = capacity + Math.max(0, -this.#leased)
    return Math.min(most, this.#stored + ((now - this.#seenAt) / SECOND) * ratePerSecond)
  }

  /** Tokens that lay here while the store's bucket filled up again are not a second bucket. */
  #letGo(stored: number, { capacity }: BucketLimits): void {
    if (this.#leased > 0 && this.#leased + stored > capacity) {
      this.#leased = Math.max(0, Math.floor(capacity - stored))
    }
  }

  async #lease(want: number, stored: number, limits: BucketLimits, around: Around): Promise<void> {
    const need = want - this.#leased
    // Before the first look only what is needed: another node may have left little. Later all but one token:
    // with it in the store, whoever overdraws does so there, and the debt is everybody's.
    const chunk = this.#stored === null ? need : Math.max(need, whole(stored) - 1)
    this.#leasing = around.lease(chunk, limits).then(({ granted, left }) => {
      this.#leased += granted
      // A refusal means that nothing was there, whatever was believed.
      this.#stored = granted > 0 ? left : Math.min(left, 0)
      this.#seenAt = around.now()
    })
    try {
      await this.#leasing
    } finally {
      this.#leasing = null
    }
  }
}

const whole = (tokens: number): number => Math.max(0, Math.floor(tokens + HAIR))
