//
// Owns: what the routes of people and of the audit log say of themselves.

import { operation } from '../operation.ts'
import * as shape from '../schema/people.ts'
import { Removed } from '../schema/suppressions.ts'

/** Of routes that want no key. */
const OPEN_PROBLEMS = ['too_many_requests', 'storage_unavailable', 'storage_full'] as const
const LOGIN_PROBLEMS = ['invalid_login', 'code_required', ...OPEN_PROBLEMS] as const
const PERSON_PROBLEMS = ['session_required', 'cross_site_request'] as const
const USER_PROBLEMS = ['not_found', 'role_not_allowed', 'last_owner', 'live_key_required'] as const
const gone = { success: true, removed: 1 }

export const LOG_IN = operation({
  summary: 'Log in',
  description:
    'Wants no key. Where one-time codes are set up, `code` goes along: six digits, or one of the codes that work once. ' +
    'With `cookie` the session comes as a cookie for pages of this host, and requests that change something send `csrf_token` as ' +
    '`X-CSRF-Token`; without it, its token goes into `Authorization: Bearer`.',
  bodyExample: { email: 'ann@example.com', password: 'correct horse battery staple' },
  answers: { 200: { description: 'The session.', schema: shape.OpenedSession } },
  problems: [...LOGIN_PROBLEMS, 'cross_site_request'],
})
export const LIST_SESSIONS = operation({
  summary: 'List my sessions',
  answers: { 200: { description: 'Those that are open, the newest first.', schema: shape.Sessions } },
  problems: PERSON_PROBLEMS,
})
export const END_SESSION = operation({
  summary: 'End a session of mine, or log out',
  description: '`current` is the one that asks. It opens nothing any more within a second on every node.',
  params: shape.SessionPath,
  answers: {
    200: { description: 'It has ended.', schema: shape.Ended, example: { success: true, ended: 1 } },
  },
  problems: [...PERSON_PROBLEMS, 'not_found'],
})
export const END_OTHERS = operation({
  summary: 'End all my other sessions',
  answers: { 200: { description: 'They have ended.', schema: shape.Ended } },
  problems: PERSON_PROBLEMS,
})

export const LIST_USERS = operation({
  summary: 'List users',
  description: 'Who may act for this account, by address.',
  answers: { 200: { description: 'All of them.', schema: shape.Users } },
})
export const GET_USER = operation({
  summary: 'Get a user',
  params: shape.UserPath,
  answers: { 200: { description: 'The user.', schema: shape.UserAnswer } },
  problems: ['not_found'],
})
export const CHANGE_USER = operation({
  summary: 'Change a user',
  description:
    'His role, or whether he may come in. His sessions in this account end. Owners are changed by owners alone, never by a key; the last one stays.',
  params: shape.UserPath,
  bodyExample: { role: 'developer' },
  answers: { 200: { description: 'The user as he is now.', schema: shape.UserAnswer } },
  problems: USER_PROBLEMS,
})
export const REMOVE_USER = operation({
  summary: 'Remove a user',
  description:
    'From this account; who is in no other is gone. Everybody may go himself, but for the last owner.',
  params: shape.UserPath,
  answers: { 200: { description: 'He is out.', schema: Removed, example: gone } },
  problems: USER_PROBLEMS,
})

export const LIST_INVITATIONS = operation({
  summary: 'List invitations',
  answers: { 200: { description: 'Those that are open, the newest first.', schema: shape.Invitations } },
})
export const INVITE = operation({
  summary: 'Invite somebody',
  description:
    'By a letter with a link that is good for seven days. One that the address had before is void from then on.',
  bodyExample: { email: 'bob@example.com', role: 'developer' },
  answers: { 200: { description: 'The invitation.', schema: shape.InvitationAnswer } },
  problems: ['role_not_allowed', 'already_member', 'live_key_required', 'account_suspended', 'rate_limited'],
})
export const REVOKE_INVITATION = operation({
  summary: 'Revoke an invitation',
  params: shape.InvitationPath,
  answers: { 200: { description: 'Its link opens nothing any more.', schema: Removed, example: gone } },
  problems: ['not_found', 'role_not_allowed', 'live_key_required'],
})
export const ACCEPT = operation({
  summary: 'Accept an invitation',
  description:
    'Wants no key. Who is new chooses his password; whose address has a user already gives that one’s, and a code where he has set that up.',
  bodyExample: {
    token: 'mwi_0123456789ABCDEFGHIJ0123456789ABCDEFGHIJ',
    password: 'correct horse battery staple',
    name: 'Bob',
  },
  answers: { 200: { description: 'He belongs to the account, and can log in.', schema: shape.Accepted } },
  problems: [...LOGIN_PROBLEMS, 'invalid_token', 'already_member'],
})

export const GET_ME = operation({
  summary: 'Who am I',
  answers: { 200: { description: 'Whose session it is.', schema: shape.MeAnswer } },
  problems: PERSON_PROBLEMS,
})
export const CHANGE_ME = operation({
  summary: 'Change my name',
  bodyExample: { name: 'Ann' },
  answers: { 200: { description: 'Whose session it is.', schema: shape.MeAnswer } },
  problems: PERSON_PROBLEMS,
})
export const SWITCH_ACCOUNT = operation({
  summary: 'Act for another of my accounts',
  bodyExample: { account: 'acc_mwsuuzu20001' },
  answers: { 200: { description: 'Whose session it is.', schema: shape.MeAnswer } },
  problems: [...PERSON_PROBLEMS, 'not_found'],
})
export const CHANGE_PASSWORD = operation({
  summary: 'Change my password',
  description: 'All my other sessions end.',
  bodyExample: { current_password: 'correct horse battery staple', password: 'a longer one than before' },
  answers: { 200: { description: 'It is changed.', schema: shape.Done } },
  problems: [...PERSON_PROBLEMS, 'invalid_login'],
})
export const ENROL = operation({
  summary: 'Set up one-time codes',
  description:
    'Tells the secret for an authenticator (TOTP, RFC 6238). Nothing changes until its first code is confirmed.',
  bodyExample: { password: 'correct horse battery staple' },
  answers: { 200: { description: 'The secret.', schema: shape.Enrolment } },
  problems: [...PERSON_PROBLEMS, 'invalid_login', 'codes_already_on'],
})
export const CONFIRM = operation({
  summary: 'Switch one-time codes on',
  bodyExample: { code: '123456' },
  answers: { 200: { description: 'Logins want a code from now on.', schema: shape.RecoveryCodes } },
  problems: [...PERSON_PROBLEMS, 'codes_not_on', 'codes_already_on'],
})
export const DISABLE = operation({
  summary: 'Switch one-time codes off',
  bodyExample: { password: 'correct horse battery staple', code: '123456' },
  answers: { 200: { description: 'Logins want the password alone.', schema: shape.Done } },
  problems: [...PERSON_PROBLEMS, 'invalid_login', 'code_required', 'codes_not_on'],
})

export const ASK_RESET = operation({
  summary: 'Ask for a new password',
  description:
    'Wants no key. The answer is the same whether the address has a user or not; who has one gets a letter with a link that is good for an hour.',
  bodyExample: { email: 'ann@example.com' },
  answers: {
    200: { description: 'A letter is on its way, if there is whom to write to.', schema: shape.Done },
  },
})
export const CONFIRM_RESET = operation({
  summary: 'Choose a new password',
  description: 'Wants no key but the token of the letter. All sessions of the user end.',
  bodyExample: {
    token: 'mwr_0123456789ABCDEFGHIJ0123456789ABCDEFGHIJ',
    password: 'a longer one than before',
  },
  answers: { 200: { description: 'It is changed.', schema: shape.Done } },
  problems: ['invalid_token', ...OPEN_PROBLEMS],
})

export const LIST_AUDIT = operation({
  summary: 'Read the audit log',
  description:
    'Every administrative act of this account, the newest first: who, what, to which thing, from where. Never what stood in a field.',
  query: shape.AuditQuery,
  answers: { 200: { description: 'A page of records.', schema: shape.AuditRecords } },
})
