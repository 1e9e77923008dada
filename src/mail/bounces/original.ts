//
// Owns: the header of the message that a report speaks about: by it the delivery is found when the return path
// does not tell (providers send complaints to one fixed address).

import { type Fields, readFields } from './fields.ts'
import { type ReturnedMessage, splitHeader } from './message-parts.ts'

export interface OriginalHeader {
  /** Without angle brackets. */
  readonly messageId: string | null
  readonly feedbackId: string | null
  /** RFC 9477 §3.2. */
  readonly cfblFeedbackId: string | null
  readonly returnPath: string | null
  readonly originalTo: string | null
  readonly from: string | null
  readonly to: string | null
  readonly subject: string | null
  readonly date: string | null
  readonly listId: string | null
}

/** The header that the report carries; null without one. */
export function readOriginal(message: ReturnedMessage): OriginalHeader | null {
  for (const part of message.parts) {
    if (part.type === 'message/rfc822' || part.type === 'message/global') {
      // A part that was nothing but a header has its fields already.
      return headerOf(part.text === '' ? part.fields : splitHeader(part.text).fields)
    }
    if (part.type === 'text/rfc822-headers' || part.type === 'message/global-headers') {
      return headerOf(readFields(part.text))
    }
  }
  return null
}

export const headerOf = (fields: Fields): OriginalHeader => ({
  messageId: bare(fields.get('message-id')),
  feedbackId: fields.get('feedback-id'),
  cfblFeedbackId: fields.get('cfbl-feedback-id'),
  returnPath: bare(fields.get('return-path')),
  originalTo: fields.get('x-original-to'),
  from: fields.get('from'),
  to: fields.get('to'),
  subject: fields.get('subject'),
  date: fields.get('date'),
  listId: fields.get('list-id'),
})

const bare = (value: string | null): string | null => {
  if (value === null) return null
  const trimmed = value.trim()
  return trimmed.startsWith('<') && trimmed.endsWith('>') ? trimmed.slice(1, -1) : trimmed
}
