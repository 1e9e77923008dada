//
// Owns: the columns of the tables of people and of what was done.

import type { Int, IntOrNull } from './columns.ts'

export interface UserTable {
  id: string
  /** In lower case. */
  address: string
  name: string
  /** `active` or `disabled`. */
  state: string
  /** An argon2id hash as it writes itself. */
  password: string
  /** Secrets of one-time codes, sealed: the one in use, and one that waits for its first code. */
  totp: Uint8Array | null
  totp_pending: Uint8Array | null
  /** The step of the last code that was taken: none is taken twice. */
  totp_step: Int
  /** JSON array of SHA-256 in hex: codes that work once. */
  recovery: string
  created_at: Int
  last_login_at: IntOrNull
}

export interface MembershipTable {
  account_id: string
  user_id: string
  role: string
  /** `active` or `disabled`. */
  state: string
  created_at: Int
}

export interface InvitationTable {
  id: string
  account_id: string
  address: string
  role: string
  /** SHA-256 of the token. */
  hash: Uint8Array
  invited_by: string
  created_at: Int
  expires_at: Int
}

export interface SessionTable {
  id: string
  user_id: string
  account_id: string
  /** SHA-256 of the token. */
  hash: Uint8Array
  peer: string
  agent: string
  created_at: Int
  used_at: Int
  expires_at: Int
}

export interface PasswordResetTable {
  /** SHA-256 of the token. */
  hash: Uint8Array
  user_id: string
  expires_at: Int
}

/** Rows are added and, when they are old, removed; none is ever changed. */
export interface AuditTable {
  id: string
  /** Null: an act of the operator that concerns no single account. */
  account_id: string | null
  actor: string
  action: string
  subject: string
  /** JSON of AuditDetails. */
  details: string
  at: Int
}
