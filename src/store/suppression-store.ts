//
// Owns: the suppression list as services see it: who is on it, putting on and taking off, and what a follower of the
// log learns about addresses in one commit with its own place.
// Never: why somebody comes onto it; services/suppression says so.

import type { AccountId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Suppression, SuppressionReason, SuppressionScope } from '../core/suppression.ts'
import type { Milliseconds } from '../core/time.ts'
import type { LogStep } from './log-store.ts'
import type { StoreFault } from './store-fault.ts'

export interface SuppressionStore {
  /** Whether the account has any entry at all: most have none, and then nobody need be looked up. */
  hasAny(account: AccountId): Promise<boolean>
  /** Those of `recipients` (lower case) with an entry in force in one of the scopes; the oldest one of each. */
  blocking(ask: BlockingAsk): Promise<ReadonlyMap<string, Blocking>>
  /** Every entry of one address, in force or not. */
  entries(account: AccountId, recipient: string): Promise<readonly Suppression[]>
  /** In the order of (recipient, scope): from behind `after` on, or those that stand right before `before`. */
  list(ask: SuppressionListAsk): Promise<readonly Suppression[]>
  /** Replaces what stands at the same (account, recipient, scope). For large lists: up to `PUT_AT_ONCE` of them. */
  put(entries: readonly Suppression[]): Promise<Result<void, StoreFault>>
  /** Null: in every scope. How many entries went. */
  remove(
    account: AccountId,
    recipient: string,
    scope: SuppressionScope | null,
  ): Promise<Result<number, StoreFault>>

  /** Hashes of the addresses that are remembered as reached. */
  reached(): Promise<readonly number[]>
  hasStrikes(): Promise<boolean>
  strikes(account: AccountId, recipients: readonly string[]): Promise<readonly Strike[]>
  /** All of it and the follower's move in one commit, or nothing when another follower of the name was quicker. */
  learn(lesson: Lesson, step: LogStep): Promise<Result<Learned | 'overtaken', StoreFault>>
}

/** So many rows take the writer 3 ms and the commit 2 to 9, on a list of a million; a thousand take it 9 to 14 and up to 50. */
export const PUT_AT_ONCE = 250

export interface BlockingAsk {
  readonly account: AccountId
  readonly recipients: readonly string[]
  readonly scopes: readonly SuppressionScope[]
  readonly now: Milliseconds
}

export type Blocking = Pick<Suppression, 'recipient' | 'scope' | 'reason' | 'createdAt'>

export type SuppressionPlace = Pick<Suppression, 'recipient' | 'scope'>

export interface SuppressionListAsk {
  readonly account: AccountId
  readonly limit: number
  /** The last entry of the page before. */
  readonly after: SuppressionPlace | null
  /** The first entry of the page behind; not with `after`. */
  readonly before?: SuppressionPlace | null
  readonly reason: SuppressionReason | null
  readonly scope: SuppressionScope | null
  /** Of this domain, or its start: `recipient` ends or begins so. */
  readonly domain: string | null
  /** Entries that are past their time are left out. */
  readonly now: Milliseconds | null
}

export interface Strike {
  readonly accountId: AccountId
  readonly recipient: string
  readonly count: number
  readonly lastAt: Milliseconds
}

/** What a stretch of the log says about addresses. */
export interface Lesson {
  /** An entry that lasts longer than the new one stays as it is. */
  readonly suppress: readonly (Suppression & { readonly provider: string })[]
  readonly strike: readonly Strike[]
  readonly forgive: readonly Pick<Strike, 'accountId' | 'recipient'>[]
  /** Hard bounces by this provider's word since then are not believed. */
  readonly takeBack: readonly { readonly provider: string; readonly since: Milliseconds }[]
  readonly reached: readonly number[]
  /** Hashes from here on are remembered no longer; null: all stay. */
  readonly forgetReachedFrom: number | null
}

export interface Learned {
  /** How many entries were taken back, beside each item of the lesson's `takeBack`. */
  readonly takenBack: readonly number[]
}
