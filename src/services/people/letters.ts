//
// Owns: the letters to people: an invitation, a reset of the password, and what he should know happened to his access.
// The token stands behind the # of the link: no server and no proxy ever sees it in a log.

import type { Role } from '../../core/person.ts'

export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The same key within 24 hours sends once. */
  readonly key: string
}

/** Resolves after the commit. False: it could not be sent; the log says why. */
export type Post = (letter: Letter) => Promise<boolean>

export interface Place {
  /** Where people reach us: `https://mail.example.com`. */
  readonly publicUrl: string
}

export const invitationLink = ({ publicUrl }: Place, token: string): string =>
  `${publicUrl}/accept-invitation#${token}`
export const resetLink = ({ publicUrl }: Place, token: string): string =>
  `${publicUrl}/reset-password#${token}`

export interface InvitationWords {
  readonly to: string
  readonly account: string
  readonly role: Role
  /** Who invites, as people call him. */
  readonly by: string
  readonly token: string
  readonly id: string
}

/** Names are what people like to be called: they must not look like a paragraph of ours, nor like a link. */
const oneLine = (name: string): string =>
  name
    .replaceAll('://', ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()

export const invitationLetter = (
  place: Place,
  { account, by, id, role, to, token }: InvitationWords,
): Letter => ({
  to,
  subject: `Invitation to ${oneLine(account)} on MailWok`,
  text:
    `${oneLine(by)} invites you to the account ${oneLine(account)} on ${new URL(place.publicUrl).host}, as ${role}.\n\n` +
    `Open this link within seven days to choose a password and log in:\n\n    ${invitationLink(place, token)}\n\n` +
    `The code in it, for whoever asks you for one:\n\n    ${token}\n\n` +
    'Who has the link can come in as you: pass it on to nobody. If you know nothing of this, do nothing.\n',
  key: `invitation:${id}`,
})

export const resetLetter = (
  place: Place,
  { to, token, key }: { readonly to: string; readonly token: string; readonly key: string },
): Letter => ({
  to,
  subject: 'Choose a new password for MailWok',
  text:
    `Somebody, we hope you, asked for a new password at ${new URL(place.publicUrl).host}.\n\n` +
    `Open this link within an hour to choose one:\n\n    ${resetLink(place, token)}\n\n` +
    `The code in it, for whoever asks you for one:\n\n    ${token}\n\n` +
    'If it was not you, do nothing: your password stays as it is.\n',
  key: `password-reset:${key}`,
})

export const changedLetter = (
  place: Place,
  { to, what, key }: { readonly to: string; readonly what: string; readonly key: string },
): Letter => ({
  to,
  subject: `${what} at MailWok`,
  text:
    `${what} at ${new URL(place.publicUrl).host}.\n\n` +
    'If it was not you, ask for a new password at once, and tell the person in charge of your account.\n',
  key: `access-changed:${key}`,
})
