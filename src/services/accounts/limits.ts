//
// Owns: the limits of accounts as the edges ask for them (Limiter): which plan, which bucket, how long to wait.
// Without limit nothing is counted and nothing is asked of the store beyond the account's plan.

import type { Account, Plan } from '../../core/account.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { DirectoryStore } from '../../store/store.ts'
import type { Limiter, LimitVerdict } from './authenticate.ts'
import { type Around, Bucket, limitsOf } from './bucket.ts'
import { Cache } from './cache.ts'
import type { Plans } from './plans.ts'

/** How long another node may go by an account's earlier plan. */
const PLAN_LIFE: Milliseconds = 5 * SECOND
const MAX_ACCOUNTS = 10_000

export interface LimitParts {
  readonly directory: Pick<DirectoryStore, 'account' | 'takeTokens'>
  readonly clock: Clock
  readonly plans: Plans
}

export class Limits implements Limiter {
  readonly #parts: LimitParts
  readonly #accounts: Cache<Account | null>
  /** Two for each account that has a limit; a debt must not be forgotten, so none is dropped. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(parts: LimitParts) {
    this.#parts = parts
    this.#accounts = new Cache(parts.clock, { life: PLAN_LIFE, most: MAX_ACCOUNTS })
  }

  async planOf(account: AccountId): Promise<Plan> {
    const { directory, plans } = this.#parts
    const known = await this.#accounts.get(account, () => directory.account(account))
    return plans.named(known?.plan ?? '')
  }

  async take(account: AccountId, bucket: 'api' | 'mail', want: number): Promise<LimitVerdict> {
    const plan = await this.planOf(account)
    const rate = bucket === 'api' ? plan.apiPerSecond : plan.mailPerSecond
    if (rate === null) return { allowed: true, retryAfter: 0, remaining: null, plan }
    const verdict = await this.#bucketOf(account, bucket).take(
      want,
      limitsOf(rate),
      this.#around(account, bucket),
    )
    return { ...verdict, plan }
  }

  /** To be called when an account's plan was changed here: it counts from the next request on. */
  forget(account: AccountId): void {
    this.#accounts.forget(account)
  }

  #bucketOf(account: AccountId, bucket: 'api' | 'mail'): Bucket {
    const name = `${bucket} ${account}`
    const known = this.#buckets.get(name)
    if (known) return known
    const made = new Bucket()
    this.#buckets.set(name, made)
    return made
  }

  #around(account: AccountId, bucket: 'api' | 'mail'): Around {
    const { clock, directory } = this.#parts
    return {
      now: () => clock.monotonic(),
      lease: (want, limits) => directory.takeTokens({ account, bucket, want, now: clock.now(), ...limits }),
    }
  }
}
