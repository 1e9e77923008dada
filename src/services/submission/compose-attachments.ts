//
// Owns: what an attachment of the API has to be before it may enter a message.

import type { Attachment } from '../../core/content.ts'
import type { FieldCode, FieldFault } from './refusal.ts'

export interface DraftAttachment {
  readonly filename: string
  /** Base64, line breaks allowed. */
  readonly content: string
  /** Null: told by the filename's extension. */
  readonly contentType: string | null
  readonly contentId: string | null
}

/** T16: a message has at most 1,000 parts; people attach a handful. */
export const MAX_ATTACHMENTS = 200
/** Octets; file systems allow no longer name. */
const MAX_FILENAME = 255
const MAX_CONTENT_TYPE = 200

// RFC 2045 §5.1: type "/" subtype, then parameters whose values are tokens or quoted strings.
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`{|}~-]+"
const CONTENT_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?: ?; ?${TOKEN}=(?:${TOKEN}|"[ !#-[\\]-~]*"))*$`)
/** What stands between < and > in Content-ID (RFC 2392). */
const CONTENT_ID = /^[!-;=?-~]{1,200}$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export function attachmentsOf(
  drafts: readonly DraftAttachment[],
  faults: FieldFault[],
): readonly Attachment[] {
  if (drafts.length > MAX_ATTACHMENTS) {
    faults.push({
      path: 'attachments',
      code: 'too_many',
      message: `more than ${MAX_ATTACHMENTS} attachments`,
    })
    return []
  }
  return drafts.map((draft, index) => attachmentOf(draft, `attachments[${index}]`, faults))
}

function attachmentOf(draft: DraftAttachment, path: string, faults: FieldFault[]): Attachment {
  const refuse = (field: string, code: FieldCode, message: string): void => {
    faults.push({ path: `${path}.${field}`, code, message: `${path}.${field} ${message}` })
  }
  const { filename } = draft
  if (/\p{Cc}/u.test(filename)) refuse('filename', 'control_character', 'holds a control character')
  else if (!filename.isWellFormed()) refuse('filename', 'lone_surrogate', 'is not valid Unicode')
  else if (Buffer.byteLength(filename) > MAX_FILENAME) {
    refuse('filename', 'too_long', `has more than ${MAX_FILENAME} octets`)
  }
  const contentType = draft.contentType ?? typeByExtension(filename)
  if (contentType.length > MAX_CONTENT_TYPE || !CONTENT_TYPE.test(contentType)) {
    refuse('content_type', 'bad_content_type', 'is no media type such as application/pdf')
  } else if (/^multipart\//i.test(contentType)) {
    refuse('content_type', 'bad_content_type', 'is a container; attach its parts one by one')
  }
  const contentId = draft.contentId === null ? null : draft.contentId.replace(/^<(.*)>$/, '$1')
  if (contentId !== null && !CONTENT_ID.test(contentId)) {
    refuse('content_id', 'bad_content_id', 'must be 1 to 200 printable ASCII characters without < and >')
  }
  const base64 = base64Of(draft.content)
  if (base64 === null) refuse('content', 'bad_base64', 'is no base64 (RFC 4648 section 4)')
  return { filename, contentType, contentId, base64: base64 ?? '' }
}

/** One line with its padding, or null for what is no base64. */
export function base64Of(content: string): string | null {
  const digits = /[\s]/.test(content) ? content.replace(/\s+/g, '') : content
  if (!BASE64.test(digits)) return null
  const bare = digits.replace(/=+$/, '')
  const rest = bare.length % 4
  if (rest === 1) return null
  const want = rest === 0 ? bare : bare + '='.repeat(4 - rest)
  // Padding may be left out, but where it is written it must be right.
  return digits === bare || digits === want ? want : null
}

const TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ics: 'text/calendar; charset=utf-8',
  vcf: 'text/vcard; charset=utf-8',
  json: 'application/json',
  xml: 'application/xml',
  zip: 'application/zip',
  gz: 'application/gzip',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  eml: 'message/rfc822',
}

function typeByExtension(filename: string): string {
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(TYPES, extension) ? (TYPES[extension] ?? '') : 'application/octet-stream'
}
