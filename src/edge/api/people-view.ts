//
// Owns: how people and what they did look in answers, and how the API says no to them.

import type { AuditRecord } from '../../core/audit.ts'
import type { Invitation, Member, Session } from '../../core/person.ts'
import type { AcceptFault, InviteFault } from '../../services/people/invitations.ts'
import { LETTERS_A_DAY, MOST_OPEN } from '../../services/people/invitations.ts'
import type { LoginFault } from '../../services/people/logins.ts'
import type { MemberFault } from '../../services/people/members.ts'
import type { ProfileFault } from '../../services/people/profile.ts'
import type { ResetFault } from '../../services/people/resets.ts'
import { storeRefusal } from '../../services/submission/store-refusal.ts'
import { fromRefusal, type Problem } from './problem.ts'
import { invalid } from './query.ts'

const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

export const userView = ({ membership, user }: Member) => ({
  id: user.id,
  email: user.address,
  name: user.name,
  role: membership.role,
  state: user.state === 'active' ? membership.state : user.state,
  two_factor: user.hasCodes,
  created_at: iso(user.createdAt),
  joined_at: iso(membership.createdAt),
  last_login_at: isoOrNull(user.lastLoginAt),
})

export const sessionView = (session: Session, current: string) => ({
  id: session.id,
  account: session.accountId,
  ip: session.peer,
  user_agent: session.agent,
  created_at: iso(session.createdAt),
  last_used_at: iso(session.usedAt),
  expires_at: iso(session.expiresAt),
  current: session.id === current,
})

export const invitationView = (one: Invitation) => ({
  id: one.id,
  email: one.address,
  role: one.role,
  invited_by: one.invitedBy,
  created_at: iso(one.createdAt),
  expires_at: iso(one.expiresAt),
})

export const auditView = ({ action, actor, at, details, id, subject }: AuditRecord) => ({
  id,
  at: iso(at),
  actor,
  actor_name: details.name ?? null,
  action,
  subject,
  fields: details.fields ?? [],
  ip: details.peer ?? null,
  request_id: details.requestId ?? null,
  note: details.note ?? null,
})

type PersonFault = LoginFault | AcceptFault | ResetFault | ProfileFault

export function personProblem(error: PersonFault): Problem {
  switch (error.kind) {
    case 'wrong':
      return { code: 'invalid_login', message: 'Address, password or code is wrong.' }
    case 'code-needed':
      return { code: 'code_required', message: 'This user has one-time codes: send one as code.' }
    case 'later':
      return {
        code: 'too_many_requests',
        message: 'Too many tries; come again a little later.',
        retryAfter: error.after,
      }
    case 'unknown':
      return {
        code: 'invalid_token',
        message: 'This token is unknown, was used, was revoked, or has expired.',
      }
    case 'member':
      return { code: 'already_member', message: 'This user belongs to the account already.' }
    case 'password':
      return invalid('password', error.say)
    case 'has-codes':
      return { code: 'codes_already_on', message: 'One-time codes are on; switch them off first.' }
    case 'no-codes':
      return { code: 'codes_not_on', message: 'One-time codes are not on, or were not set up.' }
    case 'wrong-code':
      return invalid('code', 'is not what the authenticator shows now')
    case 'store':
      return fromRefusal(storeRefusal(error.error))
    default:
      return error satisfies never
  }
}

export function memberProblem(error: MemberFault | InviteFault): Problem {
  switch (error) {
    case 'unknown':
      return { code: 'not_found', message: 'There is nobody and nothing of that id in this account.' }
    case 'last-owner':
      return { code: 'last_owner', message: 'An account keeps an owner: make somebody else one first.' }
    case 'not-allowed':
      return {
        code: 'role_not_allowed',
        message: 'Whoever asks may not give this role, nor take it away; owners are for owners alone.',
      }
    case 'member':
      return { code: 'already_member', message: 'This user belongs to the account already.' }
    case 'too-many':
      return invalid(
        'email',
        `is one too many: an account has at most ${MOST_OPEN} open invitations, and sends at most ${LETTERS_A_DAY} a day`,
      )
    case 'full':
    case 'busy':
    case 'unavailable':
      return fromRefusal(storeRefusal(error))
    default:
      return error satisfies never
  }
}
