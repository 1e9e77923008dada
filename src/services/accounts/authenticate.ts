//
// Owns: the shape in which the edges ask who is at the door. Keys are SHA-256 hashed; the look-up is by hash.

import type { ApiKey, Plan } from '../../core/account.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { QuotaRefusal } from './quota.ts'

export interface Authenticator {
  /**
   * `from` is the address of who shows it. Null for what is unknown, malformed, revoked, expired or not used from there:
   * the caller is told no more than that.
   */
  authenticate(secret: string, from?: string): Promise<ApiKey | null>
}

/** `played`: mail of test keys, which goes as fast as other mail and counts against no quota. */
export type Bucketed = 'api' | 'mail' | 'played'

export interface Limiter {
  /**
   * A request passes while its bucket is positive and may overdraw it (api.md A, Rate limits). An account that is not
   * active passes nothing of `mail`, whatever its plan.
   */
  take(account: AccountId, bucket: Bucketed, want: number): Promise<LimitVerdict>
  /** Mail that was let through and then not accepted counts against no quota. */
  giveBack?(account: AccountId, plan: Plan, count: number): void
}

export interface LimitVerdict {
  readonly allowed: boolean
  /** Time until the debt is paid; 0 when allowed. */
  readonly retryAfter: Milliseconds
  /** Whole tokens left, never negative; null without limit. */
  readonly remaining: number | null
  readonly plan: Plan
  /** Why the account may not send; absent: it may. */
  readonly suspended?: string
  /** The quota that is used up; absent: none is. */
  readonly exceeded?: QuotaRefusal
}
