//
// Owns: what a node asks of an account's bucket, and what it gets.

import type { AccountId } from '../core/ids.ts'
import type { Milliseconds } from '../core/time.ts'

export interface TokenAsk {
  readonly account: AccountId
  readonly bucket: 'api' | 'mail'
  readonly want: number
  readonly ratePerSecond: number
  /** Most that may gather. */
  readonly capacity: number
  readonly now: Milliseconds
}
export type TokenGrant = { readonly granted: number; readonly left: number }
