//
// Owns: what the operator can ask of accounts and keys, and what comes of it.

import type { Result } from '../core/result.ts'

type AdminAnswer<T> = Promise<Result<T, { readonly code: string; readonly message: string }>>

export interface AccountAsk {
  /** Its name or its id. */
  readonly account: string
}

export interface AccountActions {
  accountAdd(ask: { readonly name: string; readonly plan: string }): AdminAnswer<AccountRow>
  accountList(ask: Readonly<Record<string, never>>): AdminAnswer<readonly AccountRow[]>
  accountShow(ask: AccountAsk): AdminAnswer<AccountReport>
  accountSetPlan(ask: AccountAsk & { readonly plan: string }): AdminAnswer<AccountRow>
  accountRename(ask: AccountAsk & { readonly name: string }): AdminAnswer<AccountRow>
  accountSuspend(ask: AccountAsk & { readonly reason: string }): AdminAnswer<AccountRow>
  accountResume(ask: AccountAsk): AdminAnswer<AccountRow>
  /** With everything; `confirm` is its name again. */
  accountRemove(ask: AccountAsk & { readonly confirm: string }): AdminAnswer<AccountRow>

  keyCreate(ask: KeyAsk): AdminAnswer<CreatedKey>
  keyList(ask: { readonly account: string | null }): AdminAnswer<readonly KeyRow[]>
  keyShow(ask: { readonly key: string }): AdminAnswer<KeyRow>
  /** What is null stays as it is. */
  keyChange(ask: KeyChangeAsk): AdminAnswer<KeyRow>
  keyRotate(ask: { readonly key: string; readonly overlap: string }): AdminAnswer<CreatedKey>
  keyRevoke(ask: RevokeAsk): AdminAnswer<Revoked>
}

export const ACCOUNT_ACTIONS = {
  accountAdd: 0,
  accountList: 0,
  accountShow: 0,
  accountSetPlan: 0,
  accountRename: 0,
  accountSuspend: 0,
  accountResume: 0,
  accountRemove: 0,
  keyCreate: 0,
  keyList: 0,
  keyShow: 0,
  keyChange: 0,
  keyRotate: 0,
  keyRevoke: 0,
} satisfies Record<keyof AccountActions, 0>

export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly plan: string
  readonly state: 'active' | 'suspended' | 'deleting'
  /** Why it is suspended; empty else. */
  readonly reason: string
  readonly since: string
  readonly created_at: string
}

export interface UseRow {
  readonly mails: number
  /** Null: without limit. */
  readonly limit: number | null
  readonly left: number | null
  readonly renews_at: string
}

export interface AccountReport extends AccountRow {
  readonly limits: {
    readonly api_per_second: number | null
    readonly mail_per_second: number | null
    readonly mail_per_day: number | null
    readonly mail_per_month: number | null
    readonly max_domains: number | null
  }
  readonly usage: { readonly day: UseRow; readonly month: UseRow }
  readonly settings: { readonly time_zone: string; readonly contact: string | null }
}

export interface KeyLimitsAsk {
  readonly scopes?: readonly string[] | null
  readonly domains?: readonly string[] | null
  readonly addresses?: readonly string[] | null
  readonly networks?: readonly string[] | null
  /** A time, or for how long, such as 90d; `never` takes an expiry away. */
  readonly expires?: string | null
}

export interface KeyAsk extends KeyLimitsAsk {
  readonly account: string
  readonly name: string
  readonly mode: 'live' | 'test'
}

export interface KeyChangeAsk extends KeyLimitsAsk {
  /** The id, or the prefix that lists show. */
  readonly key: string
  readonly name: string | null
}

export interface KeyRow {
  readonly id: string
  readonly name: string
  readonly account: string
  readonly mode: 'live' | 'test'
  readonly prefix: string
  readonly state: 'active' | 'expired' | 'revoked'
  readonly scopes: readonly string[]
  readonly domains: readonly string[]
  readonly addresses: readonly string[]
  readonly networks: readonly string[]
  readonly created_at: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly last_used_from: string | null
  readonly revoked_at: string | null
}

/** The only time at which the whole key is told. */
export interface CreatedKey extends KeyRow {
  readonly key: string
}

export interface RevokeAsk {
  /** The id, or the prefix that lists show. */
  readonly key: string
  /** What becomes of mail that it queued and that is not under way. */
  readonly queued: 'keep' | 'hold' | 'drop'
}

export interface Revoked {
  readonly id: string
  /** False: it was revoked before. */
  readonly revoked: boolean
}
