//
// Owns: from what a caller of the API asks for to content that is proven to render. Pure: time and ids come in.
// Never: judges permission, limits or recipients; the door does.

import type { Content } from '../../core/content.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { withCrlf } from '../../mail/mime/body-encode.ts'
import type { MergeParts, MergeTemplates } from '../../mail/templates/merge.ts'
import type { MergeData } from '../../mail/templates/plain-template.ts'
import type { TemplateFault } from '../../mail/templates/template-fault.ts'
import { textAlternative } from '../../mail/templates/text-alternative.ts'
import { attachmentsOf, type DraftAttachment } from './compose-attachments.ts'
import { type HeaderDraft, type HeaderFacts, headerOf } from './compose-headers.ts'
import { foreignMarks } from './foreign-marks.ts'
import type { FieldFault, Refusal, RefusalCode } from './refusal.ts'

export interface Draft extends HeaderDraft {
  readonly html: string | null
  readonly text: string | null
  /** Null: nothing is merged and literal braces survive. */
  readonly data: MergeData | null
  readonly attachments: readonly DraftAttachment[]
  /** What `{{unsubscribe_url}}` stands for in html and text; absent: there is no such variable. */
  readonly wayOut?: string | null
}

export interface ComposeFacts extends HeaderFacts {
  readonly templates: MergeTemplates
}

export interface ComposedContent {
  readonly content: Extract<Content, { kind: 'composed' }>
  /** As the reader sees it, after merging. */
  readonly subject: string
  /** Octets of the message as it will be sent, but for what quoted-printable adds. */
  readonly size: number
}

export function composeContent(draft: Draft, facts: ComposeFacts): Result<ComposedContent, Refusal> {
  if (isMissing(draft.html) && isMissing(draft.text) && draft.attachments.length === 0) {
    return refuse('missing_content', [{ path: 'html', code: 'missing', message: 'give html, text or both' }])
  }
  const marks = foreignMarks(draft)
  if (marks.length > 0) return refuse('invalid_content', marks)
  const merged = mergedOf(draft, facts.templates)
  if (!merged.ok) return merged
  const { subject, html, text } = merged.value
  const bodyFaults = [...textFaults('html', html), ...textFaults('text', text)]
  if (bodyFaults.length > 0) return refuse('invalid_content', bodyFaults)
  const { header, faults } = headerOf({ ...draft, subject }, facts)
  if (faults.length > 0) return refuse('invalid_header', faults)
  const attachmentFaults: FieldFault[] = []
  const attachments = attachmentsOf(draft.attachments, attachmentFaults)
  if (attachmentFaults.length > 0) return refuse('invalid_content', attachmentFaults)
  const parts = {
    header,
    html: html === null ? null : withCrlf(html),
    text: alternativeOf(text, html),
    attachments,
  }
  return ok({ content: { kind: 'composed', parts }, subject, size: sizeOf(parts) })
}

export const isMissing = (part: string | null): boolean => part === null || part === ''

function alternativeOf(text: string | null, html: string | null): string | null {
  if (text !== null) return withCrlf(text)
  return html === null ? null : withCrlf(textAlternative(html))
}

function mergedOf(draft: Draft, templates: MergeTemplates): Result<MergeParts, Refusal> {
  if (draft.data === null) return ok(draft)
  const merged = templates.renderMerge(draft, draft.data, bodyDataOf(draft.data, draft.wayOut))
  return merged.ok ? merged : refuse('template_error', [templateFaultField(merged.error)])
}

/** A value of the sender's own goes before ours. */
export function bodyDataOf(data: MergeData, wayOut: string | null | undefined): MergeData {
  return wayOut === null || wayOut === undefined ? data : { [WAY_OUT]: wayOut, ...data }
}
const WAY_OUT = 'unsubscribe_url'

export function templateFaultField({ part, line, column, variable, message }: TemplateFault): FieldFault {
  const place = line === 0 ? part : `${part}, line ${line}, column ${column}`
  return {
    path: variable === undefined ? part : `data.${variable}`,
    code: variable === undefined ? 'template_error' : 'missing_variable',
    message: `${place}: ${message}`,
  }
}

/** What no encoding could bring to the reader unharmed. */
export function textFaults(path: 'html' | 'text', text: string | null): readonly FieldFault[] {
  if (text === null) return []
  if (text.includes('\0')) return [{ path, code: 'nul', message: `${path} holds a NUL character` }]
  if (text.isWellFormed()) return []
  return [
    {
      path,
      code: 'lone_surrogate',
      message: `${path} holds half of a surrogate pair: it is not valid Unicode`,
    },
  ]
}

function sizeOf(parts: ComposedContent['content']['parts']): number {
  let size = Buffer.byteLength(parts.header)
  if (parts.html !== null) size += Buffer.byteLength(parts.html)
  if (parts.text !== null) size += Buffer.byteLength(parts.text)
  // Base64 gains a line end after each 76 digits.
  for (const { base64 } of parts.attachments) size += base64.length + Math.ceil(base64.length / 76) * 2
  return size
}

export function refuse(code: RefusalCode, fields: readonly FieldFault[]): Result<never, Refusal> {
  return fault({ code, say: fields[0]?.message ?? '', fields })
}
