//
// Owns: entries as people and programs write them, read into entries of the list. Pure.

import { parseMailbox, sayAddressFault } from '../../core/address.ts'
import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Suppression, SuppressionReason, SuppressionScope } from '../../core/suppression.ts'
import type { Milliseconds } from '../../core/time.ts'
import { suppressionKey } from './suppression.ts'

export interface EntryDraft {
  readonly address: string
  /** `all`, `marketing` or `list:<id>`. */
  readonly scope?: string | null | undefined
  readonly reason?: string | null | undefined
  readonly note?: string | null | undefined
  /** ISO 8601; null or absent: for ever. */
  readonly expires_at?: string | null | undefined
}

export interface DraftFault {
  readonly path: keyof EntryDraft
  readonly message: string
}

export interface DraftFacts {
  readonly account: AccountId
  readonly now: Milliseconds
  /** When the draft gives none. */
  readonly reason: SuppressionReason
}

export const REASONS: readonly SuppressionReason[] = [
  'manual',
  'import',
  'hard_bounce',
  'complaint',
  'unsubscribe',
]
const MAX_NOTE = 500

export function readEntry(draft: EntryDraft, facts: DraftFacts): Result<Suppression, DraftFault> {
  const mailbox = parseMailbox(draft.address.trim())
  if (!mailbox.ok) return wrong('address', `${show(draft.address)} ${sayAddressFault(mailbox.error)}`)
  // What a decoder writes for octets that it cannot read: the entry would be for an address that nobody has.
  if (draft.address.includes('\ufffd')) {
    return wrong('address', `${show(draft.address)} has a letter that is lost; save the list in UTF-8`)
  }
  const scope = parseScope(draft.scope ?? 'all')
  if (scope === null) return wrong('scope', `${show(draft.scope)} is none of all, marketing, list:<id>`)
  const reason = REASONS.find((one) => one === (draft.reason ?? facts.reason))
  if (reason === undefined) return wrong('reason', `${show(draft.reason)} is none of ${REASONS.join(', ')}`)
  const note = (draft.note ?? '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .toWellFormed()
  if (note.length > MAX_NOTE) return wrong('note', `has more than ${MAX_NOTE} characters`)
  const expiresAt = draft.expires_at ? parseTime(draft.expires_at) : null
  if (Number.isNaN(expiresAt)) {
    return wrong('expires_at', `${show(draft.expires_at)} is no time such as 2027-01-15T10:30:00Z`)
  }
  if (expiresAt !== null && expiresAt <= facts.now) {
    return wrong('expires_at', `${show(draft.expires_at)} is past`)
  }
  return ok({
    accountId: facts.account,
    recipient: suppressionKey(mailbox.value),
    scope,
    reason,
    eventId: null,
    note,
    createdAt: facts.now,
    expiresAt,
  })
}

const wrong = (path: keyof EntryDraft, message: string): Result<never, DraftFault> => fault({ path, message })

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** A day alone ends with its beginning, UTC. NaN: it is no time. */
export function parseTime(text: string): number {
  const [whole, day] = TIME.exec(text.trim()) ?? []
  if (whole === undefined || day === undefined) return Number.NaN
  // Date.parse takes the 30th of February for a day in March.
  const midnight = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return Number.NaN
  return Date.parse(whole)
}

/** `all` in words is the empty scope of the list. */
export function parseScope(text: string): SuppressionScope | null {
  if (text === 'all' || text === '') return ''
  if (text === 'marketing') return text
  return /^list:[A-Za-z0-9_.-]{1,64}$/.test(text) ? (text as SuppressionScope) : null
}

export const sayScope = (scope: SuppressionScope): string => (scope === '' ? 'all' : scope)

/** An entry as API and command line show it. */
export const entryView = (entry: Suppression) => ({
  address: entry.recipient,
  scope: sayScope(entry.scope),
  reason: entry.reason,
  note: entry.note,
  event_id: entry.eventId,
  created_at: new Date(entry.createdAt).toISOString(),
  expires_at: entry.expiresAt === null ? null : new Date(entry.expiresAt).toISOString(),
})
export type EntryView = ReturnType<typeof entryView>

/** Where the next page begins: opaque to clients. */
export const pageMark = ({ recipient, scope }: Pick<Suppression, 'recipient' | 'scope'>): string =>
  Buffer.from(`${scope} ${recipient}`).toString('base64url')

export function readPageMark(
  text: string,
): { readonly recipient: string; readonly scope: SuppressionScope } | null {
  const [, scope, recipient] = /^([^ ]*) (.+)$/s.exec(Buffer.from(text, 'base64url').toString()) ?? []
  const parsed = scope === undefined ? null : parseScope(scope)
  // No recipient has a control character, and PostgreSQL takes none with a NUL.
  return parsed === null || recipient === undefined || /\p{Cc}/u.test(recipient)
    ? null
    : { scope: parsed, recipient }
}
