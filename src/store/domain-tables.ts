//
// Owns: the columns of the tables of sending domains: switches, signing keys, what was seen of their records.

import type { Int, IntOrNull } from './columns.ts'

export interface DomainTable {
  name: string
  account_id: string
  created_at: Int
  verified_at: IntOrNull
  checked_at: IntOrNull
  /** JSON of DomainChecks. */
  checks: string
  track_opens: Int
  track_clicks: Int
  /** Empty: track.<domain>. */
  tracking_host: string
  rotate_dkim: Int
  rotate_wanted: Int
  /** Since then it is nobody's; its keys sign what was accepted before. */
  removed_at: IntOrNull
}

export interface DkimKeyTable {
  domain: string
  selector: string
  algorithm: string
  public_key: string
  sealed_private_key: Uint8Array
  created_at: Int
  /** `active`, `next` or `retired`. */
  state: string
  /** `made` or `imported`. */
  origin: string
  activated_at: IntOrNull
  retired_at: IntOrNull
  seen_since: IntOrNull
  seen_at: IntOrNull
  seen_looks: Int
}

export interface DomainCareTable {
  domain: string
  /** Not to be looked at before. */
  look_at: Int
  wrong_since: IntOrNull
  wrong_looks: Int
  told: string
  /** JSON of Finding[]: the last look. */
  findings: string
}
