//
// Owns: what a mailbox is (RFC 5321 §4.1.2, RFC 6531 §3.3). Casting to the brand happens here alone.
// Never: display names and lists of header fields; those are mail/mime's.

import { domainToASCII } from 'node:url'
import type { Brand } from './brand.ts'
import { fault, ok, type Result } from './result.ts'

/** local-part@domain. The domain is lower-case A-labels; the local part is kept as it was written. */
export type Mailbox = Brand<string, 'Mailbox'>
export type ForwardPath = Mailbox
/** null is the null reverse-path `<>`: a notice that must never be answered (RFC 5321 §4.5.5). */
export type ReversePath = Mailbox | null
/** Lower-case A-labels without a final dot. */
export type Domain = Brand<string, 'Domain'>

/** A header's author or recipient (RFC 5322 §3.4). */
export interface NamedMailbox {
  readonly name: string | null
  readonly mailbox: Mailbox
}

export type AddressFault =
  | 'no-domain'
  | 'no-local-part'
  | 'local-part-too-long'
  | 'bad-local-part'
  | 'bad-domain'

/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_PART_OCTETS = 64
/** RFC 5321 §4.5.3.1.2. */
const MAX_DOMAIN_OCTETS = 255
const MAX_LABEL_OCTETS = 63

// atext of RFC 5321 and RFC 6531: any printable character beyond ASCII belongs to it as well.
const DOT_STRING =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~\-\u{a0}-\u{10ffff}]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~\-\u{a0}-\u{10ffff}]+)*$/iu
const QUOTED_STRING = /^"(?:[ !#-[\]-~\u{a0}-\u{10ffff}]|\\[ -~])*"$/u
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/
const LONE_SURROGATE = /\p{Surrogate}/u

export function parseMailbox(text: string): Result<Mailbox, AddressFault> {
  const at = text.lastIndexOf('@')
  if (at === -1 || at === text.length - 1) return fault('no-domain')
  if (at === 0) return fault('no-local-part')
  const local = text.slice(0, at)
  if (Buffer.byteLength(local) > MAX_LOCAL_PART_OCTETS) return fault('local-part-too-long')
  if (LONE_SURROGATE.test(local)) return fault('bad-local-part')
  if (!DOT_STRING.test(local) && !QUOTED_STRING.test(local)) return fault('bad-local-part')
  const domain = parseDomain(text.slice(at + 1))
  return domain.ok ? ok(`${local}@${domain.value}` as Mailbox) : domain
}

/** Mail has no way to a single label or an address literal on the public internet: both are refused. */
export function parseDomain(text: string): Result<Domain, 'bad-domain'> {
  const lower = isPlain(text) ? text.toLowerCase() : domainToASCII(text)
  if (lower === '' || lower.length > MAX_DOMAIN_OCTETS) return fault('bad-domain')
  const labels = lower.split('.')
  if (labels.length < 2) return fault('bad-domain')
  for (const label of labels) {
    if (label.length > MAX_LABEL_OCTETS || !LABEL.test(label)) return fault('bad-domain')
  }
  // 1.2.3.4 without brackets is a slip, never a domain: no top-level domain is a number.
  if (/^\d+$/.test(labels[labels.length - 1] ?? '')) return fault('bad-domain')
  return ok(lower as Domain)
}

const isPlain = (text: string): boolean => /^[\x21-\x7e]*$/.test(text)

export const domainOf = (mailbox: Mailbox): Domain => mailbox.slice(mailbox.lastIndexOf('@') + 1) as Domain

export const localPartOf = (mailbox: Mailbox): string => mailbox.slice(0, mailbox.lastIndexOf('@'))

/** RFC 6531: a transaction that names such a mailbox needs SMTPUTF8. */
export const needsSmtpUtf8 = (mailbox: Mailbox): boolean => !isPlain(localPartOf(mailbox).replaceAll(' ', ''))

/** What to tell the person who wrote the address. */
export function sayAddressFault(error: AddressFault): string {
  switch (error) {
    case 'no-domain':
      return 'has no domain; want local-part@domain'
    case 'no-local-part':
      return 'has nothing before the @; want local-part@domain'
    case 'local-part-too-long':
      return `has more than ${MAX_LOCAL_PART_OCTETS} octets before the @`
    case 'bad-local-part':
      return 'has characters before the @ that need quoting or are not allowed'
    case 'bad-domain':
      return 'has a domain that is not a public host name'
    default:
      return error satisfies never
  }
}
