//
// Owns: the shape in which the edges ask who is at the door. Keys are SHA-256 hashed; the look-up is by hash.

import type { ApiKey, Plan } from '../../core/account.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Milliseconds } from '../../core/time.ts'

export interface Authenticator {
  /** Null for what is unknown, malformed or revoked: the caller is told no more than that. */
  authenticate(secret: string): Promise<ApiKey | null>
}

export interface Limiter {
  /** A request passes while its bucket is positive and may overdraw it (api.md A, Rate limits). */
  take(account: AccountId, bucket: 'api' | 'mail', want: number): Promise<LimitVerdict>
}

export interface LimitVerdict {
  readonly allowed: boolean
  /** Time until the debt is paid; 0 when allowed. */
  readonly retryAfter: Milliseconds
  /** Whole tokens left, never negative; null without limit. */
  readonly remaining: number | null
  readonly plan: Plan
}
