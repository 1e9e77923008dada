//
// Owns: what API and command line act upon, in one hand.

import type { AccountId, UserId } from '../../core/ids.ts'
import type { PeopleStore } from '../../store/people-store.ts'
import type { Invitations } from './invitations.ts'
import type { Prover } from './logins.ts'
import type { Members } from './members.ts'
import type { Passwords } from './passwords.ts'
import type { Profile } from './profile.ts'
import type { Resets } from './resets.ts'
import type { Sessions } from './sessions.ts'

export interface PeopleDesk {
  readonly store: PeopleStore
  readonly sessions: Sessions
  readonly prover: Prover
  readonly passwords: Passwords
  readonly members: Members
  readonly invitations: Invitations
  readonly resets: Resets
  readonly profile: Profile
  readonly publicUrl: string
  readonly nameOf: (account: AccountId) => Promise<string>
  /** For the first one, by the operator. */
  readonly newUserId: () => UserId
}
