//
// Owns: display names with their mailboxes: reading address lists (RFC 5322 §3.4, §4.4) and writing them as fields.
// Never: judges a mailbox itself; core/address.ts does.

import { type AddressFault, type NamedMailbox, parseMailbox, sayAddressFault } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { AddressReader } from './address-reader.ts'
import { decodeEncodedWords } from './encoded-word.ts'
import { encodedWords, type HeaderFault, headerFaultOf, sayHeaderFault } from './header-encode.ts'

export interface AddressListFault {
  readonly kind: AddressFault | HeaderFault | 'bad-syntax' | 'several' | 'too-many'
  /** What was read there, shortened. */
  readonly piece: string
}

/** No header of a person's mail holds more; beyond this the field is an attack on whoever reads it. */
const MAX_LISTED = 10_000
const MAX_PIECE = 80
const FOLD_AT = 78

/** What to tell the person who wrote the list. */
export function sayAddressListFault({ kind, piece }: AddressListFault): string {
  const quoted = JSON.stringify(piece)
  switch (kind) {
    case 'bad-syntax':
      return `${quoted} is no mailbox; want local-part@domain or Name <local-part@domain>`
    case 'several':
      return `${quoted} names more than one mailbox; want one, and quotes around a name that holds < > or @`
    case 'too-many':
      return `the list has more than ${MAX_LISTED} mailboxes`
    case 'control-character':
    case 'lone-surrogate':
    case 'too-long':
    case 'bad-field-name':
      return `${quoted} ${sayHeaderFault(kind)}`
    default:
      return `${quoted} ${sayAddressFault(kind)}`
  }
}

/** The API's two forms: `local-part@domain` and `Name <local-part@domain>`. The name may hold anything printable. */
export function parseNamedMailbox(text: string): Result<NamedMailbox, AddressListFault> {
  const trimmed = text.trim()
  const trouble = headerFaultOf(text)
  if (trouble) return fault({ kind: trouble, piece: shorten(trimmed) })
  if (!trimmed.endsWith('>')) return mailboxOf(trimmed, null)
  const open = trimmed.lastIndexOf('<')
  if (open === -1) return fault({ kind: 'bad-syntax', piece: shorten(trimmed) })
  const written = trimmed.slice(0, open).trim()
  const quoted = /^"(?:[^"\\]|\\.)*"$/.test(written)
  // `a@x, B <b@y>` is two recipients, not a name: dropping the first in silence would lose mail.
  if (!quoted && /[<>]|@.*,|,.*@/.test(written)) return fault({ kind: 'several', piece: shorten(trimmed) })
  const name = quoted ? written.slice(1, -1).replace(/\\(.)/g, '$1') : decodeEncodedWords(written)
  const decodedTrouble = headerFaultOf(name)
  if (decodedTrouble) return fault({ kind: decodedTrouble, piece: shorten(written) })
  return mailboxOf(trimmed.slice(open + 1, -1).trim(), name)
}

function mailboxOf(text: string, name: string | null): Result<NamedMailbox, AddressListFault> {
  const mailbox = parseMailbox(text)
  if (!mailbox.ok) return fault({ kind: mailbox.error, piece: shorten(text) })
  return ok({ name: name === '' ? null : name, mailbox: mailbox.value })
}

const shorten = (text: string): string =>
  text.length > MAX_PIECE ? `${text.slice(0, MAX_PIECE).toWellFormed()}…` : text.toWellFormed()

/** A header value as From, To or Cc carry it: names, comments, groups, encoded-words. Groups are flattened. */
export function parseAddressList(value: string): Result<readonly NamedMailbox[], AddressListFault> {
  // One bare mailbox is what most headers hold.
  if (!/[",:;()<\\]/.test(value)) {
    const one = mailboxOf(value.trim(), null)
    if (one.ok) return ok([one.value])
  }
  const reader = new AddressReader(value)
  const list: NamedMailbox[] = []
  for (let item = reader.next(); item !== null; item = reader.next()) {
    if (!item.ok) return fault({ kind: 'bad-syntax', piece: shorten(item.error) })
    // Others' names are read to be shown, never to be refused.
    const named = mailboxOf(item.value.spec, item.value.name?.replace(/\p{Cc}/gu, ' ').toWellFormed() ?? null)
    if (!named.ok) return named
    list.push(named.value)
    if (list.length > MAX_LISTED) return fault({ kind: 'too-many', piece: '' })
  }
  return ok(list)
}

// ── Writing ─────────────────────────────────────────────────────────────────────────────────────

const ATOMS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const QUOTABLE = /^[!-~](?:[ -~]{0,68}[!-~])?$/

/**
 * A whole field, `Name: list` CRLF, folded between mailboxes. Names were proven free of control characters when they
 * were parsed. Local parts beyond ASCII stay raw UTF-8 (RFC 6532): there is no other way to write them.
 */
export function addressField(field: string, list: readonly NamedMailbox[]): string {
  let out = `${field}:`
  let column = out.length
  for (const [index, named] of list.entries()) {
    const comma = index < list.length - 1 ? ',' : ''
    let text = ` ${phrase(named, column)}${comma}`
    if (index > 0 && column + firstLine(text).length > FOLD_AT) {
      text = `\r\n ${phrase(named, 0)}${comma}`
    }
    out += text
    const lastBreak = text.lastIndexOf('\n')
    column = lastBreak === -1 ? column + text.length : text.length - lastBreak - 1
  }
  return `${out}\r\n`
}

const firstLine = (text: string): string => text.split('\r\n', 1)[0] ?? ''

function phrase({ name, mailbox }: NamedMailbox, column: number): string {
  if (name === null) return mailbox
  const plain = !name.includes('=?')
  if (plain && name.length <= 70 && ATOMS.test(name)) return `${name} <${mailbox}>`
  if (plain && QUOTABLE.test(name)) return `"${name.replace(/["\\]/g, '\\$&')}" <${mailbox}>`
  const words = encodedWords(name, column)
  const room = FOLD_AT - (words.length - words.lastIndexOf('\n'))
  return `${words.trimStart()}${room > mailbox.length + 4 ? '' : '\r\n'} <${mailbox}>`
}
