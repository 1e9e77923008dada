//
// Owns: which headers a caller may add to a composed message, and how its header is written.
// Never: lets a caller write a field that we own: each of those has one author, and signatures vouch for it.

import { type Domain, domainOf, type NamedMailbox } from '../../core/address.ts'
import type { Milliseconds } from '../../core/time.ts'
import { addressField } from '../../mail/mime/addresses.ts'
import { type HeaderFault, sayHeaderFault, unstructuredField } from '../../mail/mime/header-encode.ts'
import { MAX_HEADER_OCTETS } from '../../mail/mime/scan.ts'
import type { FieldCode, FieldFault } from './refusal.ts'

/** More would be a way to smuggle content past size limits; no known sender needs ten. */
export const MAX_CUSTOM_HEADERS = 50

/** What to use instead of each field that callers may not write themselves. */
const OWNED: Readonly<Record<string, string>> = {
  from: 'use the field "from"',
  to: 'use the field "to"',
  cc: 'use the field "cc"',
  bcc: 'use the field "bcc"',
  'reply-to': 'use the field "reply_to"',
  subject: 'use the field "subject"',
  sender: 'the author is the field "from"',
  date: 'it is set when the message is accepted',
  'message-id': 'it is made from message_id',
  'mime-version': 'it is made with the parts',
  received: 'it is a trace field',
  'return-path': 'it is a trace field',
  'authentication-results': 'it is a trace field',
  'delivered-to': 'it is a trace field',
  'dkim-signature': 'the message is signed with the keys of its domain',
  'domainkey-signature': 'the message is signed with the keys of its domain',
}
const OWNED_FAMILIES: Readonly<Record<string, string>> = {
  'content-': 'it is made with the parts',
  'resent-': 'it is for people who pass a message on',
  'arc-': 'it is a trace field',
  'x-mailwok-': 'use the field of the same name',
}

/** Why callers may not write this field, or null when they may. */
export function ownedBecause(name: string): string | null {
  const lower = name.toLowerCase()
  if (Object.hasOwn(OWNED, lower)) return OWNED[lower] ?? null
  for (const [prefix, why] of Object.entries(OWNED_FAMILIES)) if (lower.startsWith(prefix)) return why
  return null
}

export interface HeaderDraft {
  readonly from: NamedMailbox
  readonly to: readonly NamedMailbox[]
  readonly cc: readonly NamedMailbox[]
  readonly replyTo: readonly NamedMailbox[]
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
}

export interface HeaderFacts {
  /** Left of the @ in Message-ID. */
  readonly messageId: string
  readonly date: Milliseconds
}

/** Header lines as ComposedParts wants them, or what is wrong with each field. Bcc never shows. */
export function headerOf(draft: HeaderDraft, facts: HeaderFacts): { header: string; faults: FieldFault[] } {
  const faults: FieldFault[] = []
  let header = addressField('From', [draft.from]) + recipientFields(draft)
  if (draft.replyTo.length > 0) header += addressField('Reply-To', draft.replyTo)
  header += textField('Subject', draft.subject, 'subject', faults)
  header += `Date: ${dateOf(facts.date)}\r\n`
  header += messageIdField(facts.messageId, domainOf(draft.from.mailbox))
  header += customFields(draft.headers, faults)
  if (faults.length === 0) boundHeader(Buffer.byteLength(header), faults)
  return { header, faults }
}

/** What all messages of one content have in common, each with an `ownHeader` behind it. */
export function commonHeader(
  draft: Pick<HeaderDraft, 'from' | 'replyTo' | 'headers'>,
  faults: FieldFault[],
): string {
  const replyTo = draft.replyTo.length > 0 ? addressField('Reply-To', draft.replyTo) : ''
  return addressField('From', [draft.from]) + replyTo + customFields(draft.headers, faults)
}

/** `common`: octets of the header that goes before. */
export function ownHeader(
  draft: Pick<HeaderDraft, 'from' | 'to' | 'cc' | 'subject'>,
  facts: HeaderFacts & { readonly common: number },
  faults: FieldFault[],
): string {
  const subject = textField('Subject', draft.subject, 'subject', faults)
  const name = messageIdField(facts.messageId, domainOf(draft.from.mailbox))
  const header = `${recipientFields(draft)}${subject}Date: ${dateOf(facts.date)}\r\n${name}`
  // Three octets a character at most: nearly no header has to be counted.
  const most = facts.common + 3 * header.length
  if (most > MAX_HEADER_OCTETS) boundHeader(facts.common + Buffer.byteLength(header), faults)
  return header
}

function recipientFields({ cc, to }: Pick<HeaderDraft, 'to' | 'cc'>): string {
  const copies = cc.length > 0 ? addressField('Cc', cc) : ''
  if (to.length > 0) return addressField('To', to) + copies
  // RFC 5322 §3.6 asks for no recipient field, but filters do: a blind copy's header names an empty group.
  return copies === '' ? 'To: undisclosed-recipients:;\r\n' : copies
}

function boundHeader(octets: number, faults: FieldFault[]): void {
  if (octets <= MAX_HEADER_OCTETS) return
  const message = `the header has more than ${MAX_HEADER_OCTETS} octets`
  faults.push({ path: 'headers', code: 'too_long', message })
}

function customFields(headers: Readonly<Record<string, string>>, faults: FieldFault[]): string {
  const names = Object.keys(headers)
  if (names.length > MAX_CUSTOM_HEADERS) {
    faults.push({ path: 'headers', code: 'too_many', message: `more than ${MAX_CUSTOM_HEADERS} headers` })
    return ''
  }
  let lines = ''
  for (const name of names) {
    const path = `headers.${name}`
    const owned = ownedBecause(name)
    if (owned !== null)
      faults.push({ path, code: 'not_allowed', message: `${JSON.stringify(name)} cannot be set: ${owned}` })
    else lines += textField(name, headers[name] ?? '', path, faults)
  }
  return lines
}

const CODES: Readonly<Record<HeaderFault, FieldCode>> = {
  'control-character': 'control_character',
  'lone-surrogate': 'lone_surrogate',
  'too-long': 'too_long',
  'bad-field-name': 'bad_field_name',
}

function textField(name: string, value: string, path: string, faults: FieldFault[]): string {
  const field = unstructuredField(name, value)
  if (field.ok) return field.value
  // A refusal is one line, whatever the name held.
  const what = path === 'subject' ? path : JSON.stringify(name)
  faults.push({ path, code: CODES[field.error], message: `${what} ${sayHeaderFault(field.error)}` })
  return ''
}

/** RFC 5322 §3.3; the zone name of toUTCString is an obsolete form (§4.3). */
export const dateOf = (at: Milliseconds): string => new Date(at).toUTCString().replace('GMT', '+0000')

/** RFC 5322 §3.6.4: the right side is a domain of the author, so that it is unique beyond this appliance. */
export const messageIdField = (id: string, domain: Domain): string => `Message-ID: <${id}@${domain}>\r\n`
