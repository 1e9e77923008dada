//
// Owns: the fields by which a complaint finds its message again: Feedback-ID as Google reads it, and those of RFC 9477.
// One token per message, so that copies with equal headers are signed once (docs/decisions/0012-feedback-tokens.md).
// Never: replaces a field that the client wrote.

import { hash } from 'node:crypto'
import type { Domain } from '../../core/address.ts'
import type { Content } from '../../core/content.ts'
import type { Submission } from '../../core/submission.ts'
import { writeIntoRoom } from '../../mail/mime/edit.ts'
import { asBuffer } from '../../mail/mime/scan.ts'
import { feedbackToken } from '../../mail/tracking/feedback.ts'
import { returnPathHost } from '../domains/records.ts'
import type { SenderFacts } from './policy.ts'

export interface FeedbackMarks {
  readonly key: Uint8Array
  /** The last part of Feedback-ID: the same for all mail of this installation. */
  readonly sender: string
}

/** Google asks for 5 to 15 characters. */
const SENDER_DIGITS = 12

export const feedbackMarks = (key: Uint8Array, hostname: string): FeedbackMarks => ({
  key,
  sender: hash('sha256', hostname, 'hex').slice(0, SENDER_DIGITS),
})

/** Empty for our own notices: nobody has to answer for them but us. */
export function feedbackFields(submission: Submission, sender: SenderFacts, marks: FeedbackMarks): string {
  if (submission.source === 'notice') return ''
  const header = headerOf(submission.content)
  const token = feedbackToken(submission.id, marks.key)
  const { options, submitter } = submission
  let fields = ''
  if (!/^feedback-id[ \t]*:/im.test(header)) {
    fields += `Feedback-ID: ${token}:${submitter.accountId}:${options.stream}:${marks.sender}\r\n`
  }
  if (/^cfbl-(?:address|feedback-id)[ \t]*:/im.test(header)) return fields
  fields += `CFBL-Feedback-ID: ${token}\r\n`
  return fields + addressField(submission.fromDomain, sender)
}

/**
 * RFC 9477 §3.1: the address must be of the From domain or below it, and a signature with d= of From must cover it.
 * A verified domain has its return path host's MX with us.
 */
const addressField = (from: Domain, sender: SenderFacts): string =>
  sender.kind === 'verified' && sender.signingDomain === from
    ? `CFBL-Address: fbl@${returnPathHost(from)}; report=arf\r\n`
    : ''

/** Prepended, like trace fields: nothing that was there moves (decision 8). */
export function withFields(content: Content, fields: string): Content {
  if (fields === '') return content
  if (content.kind === 'composed') {
    return { kind: 'composed', parts: { ...content.parts, header: content.parts.header + fields } }
  }
  if (content.kind === 'merged') {
    return { kind: 'merged', parts: { ...content.parts, header: content.parts.header + fields } }
  }
  const { bytes, room = 0 } = content
  // Nearly always: a copy of the whole message is more than all else that is done here.
  if (fields.length <= room) return { kind: 'submitted', bytes: writeIntoRoom(fields, bytes) }
  return { kind: 'submitted', bytes: Buffer.concat([Buffer.from(fields, 'latin1'), bytes]) }
}

export function headerOf(content: Content): string {
  if (content.kind !== 'submitted') return content.parts.header
  const bytes = asBuffer(content.bytes)
  const end = bytes.indexOf('\r\n\r\n')
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end)
}
