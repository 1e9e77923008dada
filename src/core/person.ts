//
// Owns: the words for people who act for accounts: users, what they may do where, how they come in.

import type { AccountId, InvitationId, SessionId, UserId } from './ids.ts'
import type { Milliseconds } from './time.ts'

/** The most powerful first. */
export const ROLES = ['owner', 'admin', 'developer', 'marketer', 'viewer'] as const
export type Role = (typeof ROLES)[number]

export const roleIn = (text: string): Role | null => ROLES.find((role) => role === text) ?? null

export type Standing = 'active' | 'disabled'

/** Somebody who can log in; where and as what say memberships. */
export interface User {
  readonly id: UserId
  /** In lower case: how he logs in, and where letters go. */
  readonly address: string
  readonly name: string
  /** `disabled` by the operator: in no account any more. */
  readonly state: Standing
  readonly hasCodes: boolean
  readonly createdAt: Milliseconds
  readonly lastLoginAt: Milliseconds | null
}

export interface Membership {
  readonly accountId: AccountId
  readonly userId: UserId
  readonly role: Role
  readonly state: Standing
  readonly createdAt: Milliseconds
}

/** A user as one account sees him. */
export interface Member {
  readonly user: User
  readonly membership: Membership
}

export interface Invitation {
  readonly id: InvitationId
  readonly accountId: AccountId
  readonly address: string
  readonly role: Role
  /** Who invited: `usr_…`, `key_…`, or the operator's name. */
  readonly invitedBy: string
  readonly createdAt: Milliseconds
  readonly expiresAt: Milliseconds
}

/** Somebody is logged in, and acts for one account. */
export interface Session {
  readonly id: SessionId
  readonly userId: UserId
  readonly accountId: AccountId
  /** From where, and with what he logged in. */
  readonly peer: string
  readonly agent: string
  readonly createdAt: Milliseconds
  readonly usedAt: Milliseconds
  readonly expiresAt: Milliseconds
}

export const parseUserId = (text: string): UserId | null =>
  /^usr_[0-9a-z]{12}$/.test(text) ? (text as UserId) : null
export const parseSessionId = (text: string): SessionId | null =>
  /^ses_[0-9a-z]{12}$/.test(text) ? (text as SessionId) : null
export const parseInvitationId = (text: string): InvitationId | null =>
  /^inv_[0-9a-z]{12}$/.test(text) ? (text as InvitationId) : null
