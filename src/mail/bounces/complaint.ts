//
// Owns: abuse reports: RFC 5965 (ARF) and what some providers send in its place.

import { addressOf } from './delivery-status.ts'
import { type Fields, readFields } from './fields.ts'
import type { Part, ReturnedMessage } from './message-parts.ts'
import { type OriginalHeader, readOriginal } from './original.ts'

export interface Complaint {
  readonly kind: 'complaint'
  /** `abuse`, `not-spam`, `opt-out`, `auth-failure` …, lower-case (RFC 5965 §7.3). */
  readonly feedbackType: string
  /** Who reports: User-Agent or the sender of the report. */
  readonly reporter: string | null
  /** Original-Rcpt-To or Removal-Recipient; often redacted. */
  readonly originalRecipient: string | null
  /** The envelope sender of the reported message: our return path, when it is given. */
  readonly originalMailFrom: string | null
  readonly sourceIp: string | null
  /** CFBL-Feedback-ID (RFC 9477 §3.2) where it stands beside the facts and not in the header of the original. */
  readonly feedbackId: string | null
  readonly original: OriginalHeader | null
}

export function readComplaint(message: ReturnedMessage): Complaint | null {
  const part = message.parts.find(isReport)
  const original = readOriginal(message)
  if (part !== undefined) return fromReport(readFields(part.text), message, original)
  return fromHotmail(message, original) ?? fromAppleMail(message, original)
}

/** Some write the fields as text, or name the part otherwise. */
function isReport(part: Part, _at: number): boolean {
  if (part.type.endsWith('/feedback-report')) return true
  return (
    part.type === 'text/plain' &&
    /^feedback-type:/im.test(part.text.slice(0, 4000)) &&
    /^user-agent:/im.test(part.text.slice(0, 4000))
  )
}

const fromReport = (
  fields: Fields,
  message: ReturnedMessage,
  original: OriginalHeader | null,
): Complaint => ({
  kind: 'complaint',
  feedbackType: (fields.get('feedback-type') ?? 'abuse').toLowerCase().slice(0, 40),
  reporter: fields.get('user-agent') ?? message.header.get('from'),
  originalRecipient: addressOf(fields.get('original-rcpt-to') ?? fields.get('removal-recipient')),
  originalMailFrom: addressOf(fields.get('original-mail-from')),
  sourceIp: fields.get('source-ip'),
  feedbackId: fields.get('cfbl-feedback-id') ?? fields.get('feedback-id'),
  original,
})

/** Microsoft's Junk Mail Reporting Program: the message as an attachment that names its recipient. */
function fromHotmail(message: ReturnedMessage, original: OriginalHeader | null): Complaint | null {
  const from = message.header.get('from')?.toLowerCase() ?? ''
  const subject = message.header.get('subject')?.toLowerCase() ?? ''
  const recipient = original?.hotmailRecipient ?? null
  if (
    recipient === null &&
    !(from.includes('staff@hotmail') && subject.startsWith('complaint about message'))
  )
    return null
  return {
    kind: 'complaint',
    feedbackType: 'abuse',
    reporter: message.header.get('from'),
    originalRecipient: addressOf(recipient),
    originalMailFrom: original?.returnPath ?? null,
    sourceIp: null,
    feedbackId: null,
    original,
  }
}

/** Apple Mail answers a mailto: List-Unsubscribe (RFC 2369 §3.2) with this sentence. */
function fromAppleMail(message: ReturnedMessage, original: OriginalHeader | null): Complaint | null {
  const text = message.parts[0]?.text.slice(0, 500).toLowerCase() ?? ''
  if (!text.includes('apple mail sent this email to unsubscribe')) return null
  return {
    kind: 'complaint',
    feedbackType: 'opt-out',
    reporter: message.header.get('from'),
    originalRecipient: addressOf(message.header.get('from')),
    originalMailFrom: null,
    sourceIp: null,
    feedbackId: null,
    original,
  }
}
