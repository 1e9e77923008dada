//
// Owns: from what a caller says of a template to a source that may be kept: its limits, and the hash by which an
// unchanged source is known. Pure.

import { createHash } from 'node:crypto'
import type { BuiltTemplate, TemplateSource } from '../../core/template.ts'

/** Octets of one part. A page beyond this is an attachment in disguise. */
export const MAX_SOURCE = 1_000_000
/** Characters of a subject with its tags. */
export const MAX_SUBJECT = 10_000
/** Octets of JSON. */
export const MAX_SAMPLE = 64 * 1024

/** Absent: stays as it is; null: is taken away. */
export interface SourceDraft {
  readonly subject?: string | null | undefined
  readonly html?: string | null | undefined
  readonly mjml?: string | null | undefined
  readonly text?: string | null | undefined
  readonly inlineCss?: boolean | undefined
  readonly sample?: Readonly<Record<string, unknown>> | null | undefined
}

export interface DraftFault {
  readonly path: 'subject' | 'html' | 'mjml' | 'text' | 'sample'
  readonly code: 'too_large' | 'missing_content' | 'conflict' | 'invalid'
  readonly message: string
}

export const EMPTY_SOURCE: TemplateSource = {
  subject: null,
  html: null,
  mjml: null,
  text: null,
  inlineCss: true,
  sample: null,
}

/** Who gives html takes mjml away, and the other way round: of the two there is one. */
export function sourceWith(before: TemplateSource, draft: SourceDraft): TemplateSource {
  const given = <T>(said: T | undefined, was: T): T => (said === undefined ? was : said)
  return {
    subject: given(draft.subject, before.subject),
    html: given(draft.html, draft.mjml ? null : before.html) || null,
    mjml: given(draft.mjml, draft.html ? null : before.mjml) || null,
    text: given(draft.text, before.text) || null,
    inlineCss: given(draft.inlineCss, before.inlineCss),
    sample: given(draft.sample, before.sample),
  }
}

export function sourceFaults(source: TemplateSource): readonly DraftFault[] {
  const faults: DraftFault[] = []
  if (source.html !== null && source.mjml !== null) {
    faults.push({ path: 'mjml', code: 'conflict', message: 'does not go with html; give one of them' })
  }
  if (source.html === null && source.mjml === null && source.text === null) {
    faults.push({
      path: 'html',
      code: 'missing_content',
      message: 'is missing, and so are mjml and text; want one of them',
    })
  }
  for (const path of ['html', 'mjml', 'text'] as const) {
    const octets = Buffer.byteLength(source[path] ?? '')
    if (octets > MAX_SOURCE) {
      faults.push({ path, code: 'too_large', message: `has ${octets} octets; want at most ${MAX_SOURCE}` })
    }
    if (source[path]?.includes('\0')) faults.push({ path, code: 'invalid', message: 'holds a NUL character' })
  }
  if ((source.subject?.length ?? 0) > MAX_SUBJECT) {
    faults.push({ path: 'subject', code: 'too_large', message: `has more than ${MAX_SUBJECT} characters` })
  }
  if (source.sample !== null && Buffer.byteLength(JSON.stringify(source.sample)) > MAX_SAMPLE) {
    faults.push({ path: 'sample', code: 'too_large', message: `has more than ${MAX_SAMPLE} octets as JSON` })
  }
  return faults
}

/** Keys stand in one order, whoever wrote them. */
export function sourceDigest({ subject, html, mjml, text, inlineCss, sample }: TemplateSource): string {
  return digestOf(JSON.stringify([subject, html, mjml, text, inlineCss, sample]))
}

export const buildDigest = ({ subject, html, text }: BuiltTemplate): string =>
  digestOf(JSON.stringify([subject, html, text]))

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
