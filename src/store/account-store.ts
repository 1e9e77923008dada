//
// Owns: accounts, their keys and what they have sent, as services see them.

import type { KeyAccess } from '../core/access.ts'
import type { Account, AccountSettings, AccountState, ApiKey, NewAccount } from '../core/account.ts'
import type { AccountEvent } from '../core/event.ts'
import type { AccountId, KeyId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface AccountStore {
  accounts(): Promise<readonly Account[]>
  account(id: AccountId): Promise<Account | null>
  /** Suspended, or being deleted. */
  idleAccounts(): Promise<readonly Account[]>
  accountByName(name: string): Promise<Account | null>
  addAccount(account: NewAccount): Promise<Result<void, StoreFault | 'exists'>>
  setPlan(id: AccountId, plan: string): Promise<Result<void, StoreFault>>
  renameAccount(id: AccountId, name: string): Promise<Result<void, StoreFault | 'exists'>>
  saveSettings(id: AccountId, settings: AccountSettings): Promise<Result<void, StoreFault>>
  /** False: there is none, or it is being deleted, which nothing undoes. */
  setAccountState(id: AccountId, state: StateOfAccount): Promise<Result<boolean, StoreFault>>
}

export interface StateOfAccount {
  readonly state: AccountState
  readonly reason: string
  readonly since: Milliseconds
}

export interface KeyStore {
  keys(account: AccountId | null): Promise<readonly ApiKey[]>
  /** `hash` is the SHA-256 of the whole key. */
  keyByHash(hash: Uint8Array): Promise<ApiKey | null>
  addKey(key: ApiKey, hash: Uint8Array): Promise<Result<void, StoreFault | 'exists'>>
  /** False: there is none, or it is revoked. */
  changeKey(id: KeyId, change: KeyChange): Promise<Result<boolean, StoreFault>>
  revokeKey(id: KeyId, at: Milliseconds): Promise<Result<boolean, StoreFault>>
  revokeKeysOf(account: AccountId, at: Milliseconds): Promise<Result<void, StoreFault>>
  touchKeys(uses: readonly KeyUse[]): Promise<void>
}

export interface KeyChange extends KeyAccess {
  readonly name: string
}

export interface KeyUse {
  readonly id: KeyId
  readonly at: Milliseconds
  /** Null: it was not told. */
  readonly from: string | null
}

/** Each a calendar month or a day of UTC, such as `2027-01` and `2027-01-15`. */
export type QuotaPeriod = string

export interface QuotaAsk {
  readonly account: AccountId
  readonly period: QuotaPeriod
  /** Mails that are to be sent now. */
  readonly want: number
  /** As many may be leased beyond, at least `want`. */
  readonly upTo: number
  readonly limit: number
}
export interface QuotaGrant {
  /** None, or from `want` to `upTo`. */
  readonly granted: number
  /** With what was granted. */
  readonly used: number
}

export interface QuotaStore {
  /** Deciding and taking are one statement: two nodes cannot both be granted the last mail. */
  takeQuota(ask: QuotaAsk): Promise<QuotaGrant>
  /** Adds what was sent without asking; a negative count gives back what was leased and not sent. */
  countMail(counts: readonly QuotaCount[]): Promise<Result<void, StoreFault>>
  usage(account: AccountId, periods: readonly QuotaPeriod[]): Promise<ReadonlyMap<QuotaPeriod, number>>
  /** True for one node alone, once for each level of a period; the event is in the log with the same commit, or never. */
  claimWarning(claim: QuotaClaim): Promise<Result<boolean, StoreFault>>
}

export interface QuotaClaim {
  readonly period: QuotaPeriod
  /** Percent of the quota. */
  readonly level: number
  readonly event: AccountEvent
}

export interface QuotaCount {
  readonly account: AccountId
  readonly period: QuotaPeriod
  readonly count: number
}

export interface PurgeStore {
  /**
   * Takes away what an account has, in commits of a few milliseconds each, until `goesOn` says no or nothing is left but
   * what is still under way. The account itself and its keys stay: they say that it is on its way out.
   */
  purge(account: AccountId, goesOn: () => boolean): Promise<Purged>
  /** The account, its keys and its log of what was done, when nothing else is left. */
  removeAccount(account: AccountId): Promise<Result<void, StoreFault>>
}

export interface Purged {
  /** Rows. */
  readonly removed: number
  /** Messages of which a recipient has no final answer yet: they were left alone. */
  readonly owed: number
  /** False: it was stopped, or the store could not be written to; the next call goes on. */
  readonly complete: boolean
}
