//
// Owns: what the store keeps of people: users, their memberships, invitations, sessions, resets of passwords.
// Never: secrets. Tokens come as their SHA-256, passwords as argon2id, secrets of codes sealed.

import type { AccountId, InvitationId, SessionId, UserId } from '../core/ids.ts'
import type { Invitation, Member, Membership, Role, Session, Standing, User } from '../core/person.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

type Written<T, E = never> = Promise<Result<T, StoreFault | E>>

/** What proves who somebody is. */
export interface Credentials {
  readonly password: string
  readonly codes: CodeState
}

export interface CodeState {
  readonly sealed: Uint8Array | null
  readonly pending: Uint8Array | null
  /** The step of the last code that was taken. */
  readonly step: number
  /** SHA-256 in hex of codes that work once. */
  readonly recovery: readonly string[]
}

export interface KnownUser {
  readonly user: User
  readonly credentials: Credentials
}

/** An account must always have somebody who may do everything. */
export type LastOwner = 'last-owner'

export interface UserStore {
  userByAddress(address: string): Promise<KnownUser | null>
  user(id: UserId): Promise<KnownUser | null>
  users(): Promise<readonly User[]>
  /** The user with his first membership, in one commit; `exists`: the address has a user. */
  addUser(user: User, password: string, membership: Membership | null): Written<void, 'exists'>
  renameUser(id: UserId, name: string): Written<boolean>
  /** Ends all his sessions but `keep`, and every reset that is open. */
  setPassword(id: UserId, password: string, keep: SessionId | null): Written<boolean>
  /** Of the whole person, by the operator; `disabled` ends all his sessions. */
  setUserState(id: UserId, state: Standing): Written<boolean>
  /** Only where they are still as they were read. */
  setCodes(id: UserId, before: CodeState, after: CodeState): Written<boolean>
  /** False: a code of this step or a later one was taken before. */
  takeStep(id: UserId, step: number): Written<boolean>
  loggedIn(id: UserId, at: Milliseconds): Written<void>
}

export interface MemberStore {
  members(account: AccountId): Promise<readonly Member[]>
  member(account: AccountId, user: UserId): Promise<Member | null>
  memberships(user: UserId): Promise<readonly Membership[]>
  addMembership(membership: Membership): Written<void, 'exists'>
  /** Ends his sessions in this account. False: he is no member. */
  changeMember(
    membership: Pick<Membership, 'accountId' | 'userId' | 'role' | 'state'>,
  ): Written<boolean, LastOwner>
  /** Who is in no account any more is gone. */
  removeMember(account: AccountId, user: UserId): Written<boolean, LastOwner>
}

export interface InvitationStore {
  /** One that the address had in this account before is void from then on. */
  invite(invitation: Invitation, hash: Uint8Array): Written<void>
  invitations(account: AccountId): Promise<readonly Invitation[]>
  invitation(hash: Uint8Array): Promise<Invitation | null>
  revokeInvitation(account: AccountId, id: InvitationId): Written<boolean>
  /** The user (null: he is there already), his membership, and the end of the invitation, in one commit. False: it was taken or revoked. */
  accept(taken: TakenInvitation): Written<boolean, 'exists'>
}

export interface TakenInvitation {
  readonly id: InvitationId
  readonly user: { readonly user: User; readonly password: string } | null
  readonly membership: Membership
}

export interface SessionStore {
  addSession(session: Session, hash: Uint8Array): Written<void>
  /** With who it is and as what; whoever is disabled or no member any more has none. */
  session(hash: Uint8Array): Promise<OpenSession | null>
  sessions(user: UserId): Promise<readonly Session[]>
  touchSession(id: SessionId, at: Milliseconds): Written<void>
  switchSession(id: SessionId, account: AccountId): Written<boolean>
  endSession(user: UserId, id: SessionId): Written<boolean>
  /** All but `keep`. */
  endSessions(user: UserId, keep: SessionId | null): Written<void>
}

export interface OpenSession {
  readonly session: Session
  readonly role: Role
  readonly address: string
  readonly name: string
}

export interface ResetStore {
  addReset(hash: Uint8Array, user: UserId, expiresAt: Milliseconds): Written<void>
  reset(hash: Uint8Array): Promise<{ readonly userId: UserId; readonly expiresAt: Milliseconds } | null>
  /** Of several that come with one token, one gets `true`. */
  takeReset(hash: Uint8Array): Written<boolean>
}

export interface PeopleStore extends UserStore, MemberStore, InvitationStore, SessionStore, ResetStore {
  /** Removes what has ended: sessions, invitations, resets. */
  forget(now: Milliseconds, usedBefore: Milliseconds): Promise<void>
}
