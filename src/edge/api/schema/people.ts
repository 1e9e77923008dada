//
// Owns: the bodies and answers of people: sessions, users, invitations, oneself, resets; and of the audit log.

import { t } from 'elysia'
import { ROLES } from '../../../core/person.ts'
import { limitParameter } from '../read-query.ts'
import { done, instant, listOf, nullable, single, whole, words } from './answers.ts'

const strict = { additionalProperties: false } as const

// ── What is asked ───────────────────────────────────────────────────────────────────────────────

const email = t.String({ minLength: 3, maxLength: 254, description: 'an address such as "ann@example.com"' })
const name = t.String({ maxLength: 100, description: 'a name of at most 100 characters' })
/** How long a good one is says services/people/passwords.ts, in words. */
const password = t.String({ minLength: 1, maxLength: 1024, description: 'a password' })
const code = t.String({ maxLength: 40, description: 'six digits, or a code that works once' })
const token = t.String({ maxLength: 100, description: 'the token of the letter' })
const role = t.Union(
  ROLES.map((one) => t.Literal(one)),
  { description: `one of ${ROLES.join(', ')}` },
)
const state = t.Union([t.Literal('active'), t.Literal('disabled')], {
  description: '"active" or "disabled"',
})
const account = t.String({ maxLength: 40, description: 'the id of an account' })

export const LoginBody = t.Object(
  {
    email,
    password,
    code: t.Optional(code),
    account: t.Optional(account),
    cookie: t.Optional(t.Boolean({ description: 'true or false' })),
  },
  strict,
)
export const MemberBody = t.Object({ role: t.Optional(role), state: t.Optional(state) }, strict)
export const InviteBody = t.Object({ email, role }, strict)
export const AcceptBody = t.Object(
  { token, password, name: t.Optional(name), code: t.Optional(code) },
  strict,
)
export const MeBody = t.Object({ name }, strict)
export const SwitchBody = t.Object({ account }, strict)
export const PasswordBody = t.Object({ current_password: password, password }, strict)
export const EnrolBody = t.Object({ password }, strict)
export const ConfirmBody = t.Object({ code }, strict)
export const DisableBody = t.Object({ password, code }, strict)
export const ResetBody = t.Object({ email }, strict)
export const ResetConfirmBody = t.Object({ token, password }, strict)

export const AUDIT_PAGE = { usual: 50, most: 200 } as const
const mark = (said: string) =>
  t.Optional(t.String({ pattern: '^aud_[0-9a-z]{12}$', description: `the id of a record: ${said}` }))
const word = (said: string) => t.Optional(t.String({ minLength: 1, maxLength: 256, description: said }))
export const AuditQuery = t.Object(
  {
    limit: limitParameter(AUDIT_PAGE),
    after: mark('older ones follow'),
    before: mark('newer ones come'),
    actor: word('who, such as "usr_…" or "key_…"'),
    action: word('what, such as "POST /v1/webhooks" or "login"'),
    subject: word('to which thing, such as "whk_…"'),
    since: t.Optional(t.String({ maxLength: 40, description: 'a time such as "2027-01-15T10:30:00Z"' })),
    until: t.Optional(t.String({ maxLength: 40, description: 'a time such as "2027-01-15T10:30:00Z"' })),
  },
  strict,
)

export const UserPath = t.Object({ id: t.String({ examples: ['usr_mwsuuzu20001'] }) })
export const SessionPath = t.Object({
  id: t.String({ examples: ['ses_mwsuuzu20001'], description: 'Its id, or `current`.' }),
})
export const InvitationPath = t.Object({ id: t.String({ examples: ['inv_mwsuuzu20001'] }) })

// ── What is answered ────────────────────────────────────────────────────────────────────────────

const address = t.String({ examples: ['ann@example.com'] })

export const User = t.Object(
  {
    id: t.String({ examples: ['usr_mwsuuzu20001'] }),
    email: address,
    name: t.String(),
    role: words(ROLES),
    state: words(['active', 'disabled']),
    two_factor: t.Boolean({ description: 'Whether logins want a one-time code.' }),
    created_at: instant(),
    joined_at: instant('Since when in this account.'),
    last_login_at: nullable(instant()),
  },
  { title: 'User' },
)
export const Session = t.Object(
  {
    id: t.String({ examples: ['ses_mwsuuzu20001'] }),
    account: t.String({ examples: ['acc_mwsuuzu20001'] }),
    ip: t.String({ description: 'From where it was opened.' }),
    user_agent: t.String(),
    created_at: instant(),
    last_used_at: instant('To the minute.'),
    expires_at: instant('However much it is used; unused it ends after twelve hours.'),
    current: t.Boolean({ description: 'Whether it is the one that asks.' }),
  },
  { title: 'Session' },
)
export const Invitation = t.Object(
  {
    id: t.String({ examples: ['inv_mwsuuzu20001'] }),
    email: address,
    role: words(ROLES),
    invited_by: t.String({ examples: ['usr_mwsuuzu20001'] }),
    created_at: instant(),
    expires_at: instant(),
  },
  { title: 'Invitation' },
)
const Belonging = t.Object({ id: t.String(), name: t.String(), role: words(ROLES) })
export const Me = t.Object(
  {
    id: t.String({ examples: ['usr_mwsuuzu20001'] }),
    email: address,
    name: t.String(),
    role: words(ROLES),
    scopes: t.Array(t.String({ examples: ['email:read'] })),
    account: Belonging,
    accounts: t.Array(Belonging),
    two_factor: t.Boolean(),
    recovery_codes_left: whole({ minimum: 0 }),
    session: t.String({ examples: ['ses_mwsuuzu20001'] }),
    created_at: instant(),
    last_login_at: nullable(instant()),
  },
  { title: 'Me' },
)
const csrf = nullable(t.String(), {
  description: 'With a cookie: what X-CSRF-Token has to be in requests that change something.',
})

export const OpenedSession = single('session', Session, {
  token: nullable(t.String(), {
    description: 'For `Authorization: Bearer`; told this once. Null: it is in the cookie.',
  }),
  csrf_token: csrf,
})
export const Sessions = listOf(Session)
export const Ended = done({ ended: whole({ minimum: 0, description: 'How many sessions ended.' }) })
export const Users = listOf(User)
export const UserAnswer = single('user', User)
export const Invitations = listOf(Invitation)
export const InvitationAnswer = single('invitation', Invitation, {
  posted: t.Boolean({ description: 'Whether the letter is on its way.' }),
})
export const Accepted = done({
  account: t.Object({ id: t.String(), name: t.String() }),
  user: t.Object({ id: t.String(), email: address }),
  role: words(ROLES),
})
export const MeAnswer = single('me', Me, { csrf_token: csrf })
export const Enrolment = done({
  secret: t.String({ description: 'In base32; for who cannot read a QR code.' }),
  uri: t.String({ description: 'For a QR code.', examples: ['otpauth://totp/…'] }),
})
export const RecoveryCodes = done({
  recovery_codes: t.Array(t.String(), { description: 'Each works once in place of a code. Told this once.' }),
})
export const Done = done({})

export const AuditRecords = listOf(
  t.Object(
    {
      id: t.String({ examples: ['aud_mwsuuzu20001'] }),
      at: instant(),
      actor: t.String({ description: 'Who: `usr_…`, `key_…`, `cli:<user id>`, `system`, or `anonymous`.' }),
      actor_name: nullable(t.String()),
      action: t.String({ examples: ['POST /v1/webhooks'] }),
      subject: t.String({ description: 'To which thing; empty where the action says it.' }),
      fields: t.Array(t.String(), {
        description: 'Names of the fields that were given; never what stood in them.',
      }),
      ip: nullable(t.String()),
      request_id: nullable(t.String()),
      note: nullable(t.String()),
    },
    { title: 'AuditRecord' },
  ),
)
