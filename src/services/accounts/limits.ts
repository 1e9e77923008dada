//
// Owns: the limits of accounts as the edges ask for them (Limiter): which plan, which bucket, how long to wait.
// Without limit nothing is counted and nothing is asked of the store beyond the account's plan.

import type { Account, Plan } from '../../core/account.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { DirectoryStore } from '../../store/store.ts'
import type { Bucketed, Limiter, LimitVerdict } from './authenticate.ts'
import { type Around, Bucket, limitsOf } from './bucket.ts'
import { Cache } from './cache.ts'
import type { Plans } from './plans.ts'
import type { Quotas } from './quota.ts'

/** How long another node may go by an account's earlier plan. */
const PLAN_LIFE: Milliseconds = 5 * SECOND
const MAX_ACCOUNTS = 10_000

export interface LimitParts {
  readonly directory: Pick<DirectoryStore, 'account' | 'takeTokens'>
  readonly clock: Clock
  readonly plans: Plans
  /** Absent: no mail is counted. */
  readonly quotas?: Pick<Quotas, 'take' | 'giveBack'>
}

const FREE = { allowed: true, retryAfter: 0, remaining: null } as const

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
    return this.#parts.plans.named((await this.#accountOf(account))?.plan ?? '')
  }

  #accountOf(account: AccountId): Promise<Account | null> {
    return this.#accounts.get(account, () => this.#parts.directory.account(account))
  }

  async take(account: AccountId, bucketed: Bucketed, want: number): Promise<LimitVerdict> {
    const bucket = bucketed === 'api' ? 'api' : 'mail'
    const known = await this.#accountOf(account)
    const { clock, plans, quotas } = this.#parts
    const plan = plans.named(known?.plan ?? '')
    if (bucket === 'mail' && known !== null && known.state !== 'active') {
      return { allowed: false, retryAfter: 0, remaining: 0, plan, suspended: known.reason }
    }
    const rate = bucket === 'api' ? plan.apiPerSecond : plan.mailPerSecond
    const verdict =
      rate === null
        ? FREE
        : await this.#bucketOf(account, bucket).take(want, limitsOf(rate), this.#around(account, bucket))
    if (!verdict.allowed || bucketed !== 'mail' || quotas === undefined) return { ...verdict, plan }
    const asked = quotas.take(account, plan, want)
    // Mostly there is nothing to wait for.
    const exceeded = asked instanceof Promise ? await asked : asked
    if (exceeded === null) return { ...verdict, plan }
    const retryAfter = Math.max(0, exceeded.renewsAt - clock.now())
    return { allowed: false, retryAfter, remaining: verdict.remaining, plan, exceeded }
  }

  giveBack(account: AccountId, plan: Plan, count: number): void {
    this.#parts.quotas?.giveBack(account, plan, count)
  }

  /** To be called when an account's plan or state was changed here: it counts from the next request on. */
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
