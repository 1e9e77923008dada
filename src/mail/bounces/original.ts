//
// Owns: the header of the message that a report speaks about: by it the delivery is found when the return path
// does not tell (providers send complaints to one fixed address).

import { type Fields, readFields } from './fields.ts'
import { type ReturnedMessage, splitHeader } from './message-parts.ts'
import { originalStart } from './notice.ts'

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
  /** Whom Microsoft's complaint reports speak for. */
  readonly hotmailRecipient: string | null
}

/** The header that the report carries, as a part or below the words for people; null without one. */
export function readOriginal(message: ReturnedMessage): OriginalHeader | null {
  for (const part of message.parts) {
    if (part.type === 'message/rfc822' || part.type === 'message/global') {
      // A part that was nothing but a header has its fields already.
      return headerOf(part.text === '' ? part.fields : splitHeader(part.text).fields)
    }
    if (HEADERS_ONLY.has(part.type)) return headerOf(readFields(part.text))
  }
  for (const part of message.parts) {
    if (!part.type.startsWith('text/')) continue
    const quoted = quotedHeader(part.text)
    if (quoted !== null) return headerOf(quoted)
  }
  return null
}

const HEADERS_ONLY: ReadonlySet<string> = new Set([
  'text/rfc822-headers',
  'text/rfc822-header',
  'message/global-headers',
  'message/rfc822-headers',
])

/** A notice is not longer, and a header neither. */
const MAX_LINES = 5000
const MAX_HEADER_LINES = 500
const MAX_TRIES = 10

/** The first block of fields below the separator that has what every header has. */
function quotedHeader(text: string): Fields | null {
  const lines = text.split('\n', MAX_LINES)
  let tries = 0
  for (let at = originalStart(lines); at < lines.length && tries < MAX_TRIES; at++) {
    const match = /^(\s{0,8})([!-9;-~]{1,76}):/.exec(lines[at] ?? '')
    if (match === null || !STARTS.has(match[2]?.toLowerCase() ?? '')) continue
    tries++
    const indent = match[1]?.length ?? 0
    const rest = lines.slice(at, at + MAX_HEADER_LINES).map((line) => line.slice(indent))
    const end = rest.findIndex((line) => line.trim() === '')
    const fields = readFields((end === -1 ? rest : rest.slice(0, end)).join('\n'))
    if (fields.has('message-id') || fields.has('from')) return fields
  }
  return null
}

const STARTS: ReadonlySet<string> = new Set([
  'received',
  'return-path',
  'message-id',
  'from',
  'date',
  'to',
  'subject',
  'dkim-signature',
  'mime-version',
  'x-received',
])

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
  hotmailRecipient: fields.get('x-hmxmroriginalrecipient'),
})

const bare = (value: string | null): string | null => {
  if (value === null) return null
  const trimmed = value.trim()
  return trimmed.startsWith('<') && trimmed.endsWith('>') ? trimmed.slice(1, -1) : trimmed
}
