//
// Owns: the columns of accounts, their keys, and how much they may send.

import type { Int, IntOrNull } from './columns.ts'

export interface AccountTable {
  id: string
  name: string
  plan: string
  created_at: Int
  state: string
  reason: string
  since: Int
  /** JSON of AccountSettings. */
  settings: string
}

export interface ApiKeyTable {
  id: string
  account_id: string
  name: string
  mode: string
  prefix: string
  hash: Uint8Array
  created_at: Int
  last_used_at: IntOrNull
  revoked_at: IntOrNull
  /** JSON of scopes, domains, addresses and networks; null: full access. */
  access: string | null
  expires_at: IntOrNull
  last_used_from: string | null
}

export interface BucketTable {
  account_id: string
  bucket: string
  /** May be negative: what was overdrawn. */
  tokens: number
  /** What the last statement granted: it answers in the statement that decides. */
  granted: Int
  at: Int
}

/** What an account has sent in a day or a month of UTC. */
export interface QuotaTable {
  account_id: string
  /** `2027-01` or `2027-01-15`. */
  period: string
  /** Counted or leased to a node. */
  used: Int
  /** What the last statement granted: it answers in the statement that decides. */
  granted: Int
  /** Percent of the quota of which somebody was warned. */
  warned: Int
}
