//
// Owns: who a submitted message says it is from (RFC 5322 §3.6.2), and that it says so once.

import { type Authorship, mayWriteAs } from '../../core/access.ts'
import { domainOf, type Mailbox } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { parseAddressList, sayAddressListFault } from '../../mail/mime/addresses.ts'
import type { HeaderScan } from '../../mail/mime/scan.ts'
import { beyondKey } from './policy.ts'
import type { Refusal, RefusalCode } from './refusal.ts'

/**
 * RFC 5322 §3.6: at most one of each. Peers show one and check another, so large ones refuse repeated fields and
 * we had better say so at once (T8).
 */
const SINGLE = [
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
] as const
/** A bit for each, so that a message needs no set of its own. */
const BITS = new Map(SINGLE.map((name, at) => [name.toLowerCase(), 1 << at]))

/**
 * The mailbox that is responsible for the message: the only author, or the Sender of several. `may` is as whom the
 * submitter may write: each of several authors is looked at here, the responsible one by the policy.
 */
export function authorOf(scan: HeaderScan, may?: Authorship): Result<Mailbox, Refusal> {
  const repeated = repeatedField(scan)
  if (repeated !== null)
    return refuse('invalid_header', repeated, 'appears more than once (RFC 5322 section 3.6)')
  const from = scan.value('from')
  if (from === null) return refuse('invalid_header', 'From', 'is missing; name the author')
  const authors = parseAddressList(from)
  if (!authors.ok)
    return refuse('invalid_sender', 'From', `cannot be read: ${sayAddressListFault(authors.error)}`)
  const [first, second] = authors.value
  if (first === undefined) return refuse('invalid_sender', 'From', 'names nobody')
  if (second === undefined) return ok(first.mailbox)
  const mailboxes = authors.value.map((author) => author.mailbox)
  const beyond = may && mailboxes.find((mailbox) => !mayWriteAs(may, mailbox))
  return may && beyond ? fault(beyondKey(beyond, may)) : senderOf(scan, mailboxes)
}

function senderOf(scan: HeaderScan, authors: readonly Mailbox[]): Result<Mailbox, Refusal> {
  const value = scan.value('sender')
  if (value === null)
    return refuse(
      'invalid_sender',
      'Sender',
      'is missing; with several authors one mailbox must be responsible',
    )
  const senders = parseAddressList(value)
  if (!senders.ok)
    return refuse('invalid_sender', 'Sender', `cannot be read: ${sayAddressListFault(senders.error)}`)
  const [sender, another] = senders.value
  if (sender === undefined || another !== undefined)
    return refuse('invalid_sender', 'Sender', 'must name exactly one mailbox')
  // One permitted author must not lend its name to another that nobody asked.
  const domain = domainOf(sender.mailbox)
  const stranger = authors.find((author) => domainOf(author) !== domain)
  if (stranger !== undefined) {
    return refuse(
      'invalid_sender',
      'From',
      `names ${JSON.stringify(stranger)}, which is not of the Sender's domain ${domain}`,
    )
  }
  return ok(sender.mailbox)
}

function repeatedField(scan: HeaderScan): string | null {
  let seen = 0
  for (const { name } of scan.fields) {
    const bit = BITS.get(name) ?? 0
    if ((seen & bit) !== 0) return SINGLE.find((single) => single.toLowerCase() === name) ?? name
    seen |= bit
  }
  return null
}

function refuse(code: RefusalCode, field: string, why: string): Result<never, Refusal> {
  const message = `The field ${field} ${why}`
  return fault({ code, say: message, fields: [{ path: `headers.${field}`, code: 'invalid', message }] })
}
