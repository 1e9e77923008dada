//
// Owns: what a person should know of a finished mail before it is sent: what mailbox providers clip, block or do not show.
// Never: refuses anything.

import type { MergeParts } from './merge.ts'

export const WARNING_CODES = [
  'clipped',
  'missing_subject',
  'long_subject',
  'image_without_alt',
  'insecure_image',
  'embedded_image',
  'relative_link',
  'script',
  'external_style',
  'form',
  'text_from_html',
  'mjml',
] as const

export interface Warning {
  readonly code: (typeof WARNING_CODES)[number]
  readonly message: string
}

/** Gmail shows so many octets of html, and then a link to the rest. */
const CLIPPED_AT = 102 * 1024
/** Characters that a wide window shows of a subject. */
const LONG_SUBJECT = 150
/** Large pages are looked at so far. */
const MAX_LOOKED_AT = 1_000_000

export function warningsOf(
  { subject, html, text }: MergeParts,
  facts: { readonly hasSubject: boolean },
): readonly Warning[] {
  const warnings: Warning[] = []
  const warn = (code: Warning['code'], message: string): void => void warnings.push({ code, message })
  if (facts.hasSubject && subject.trim() === '') warn('missing_subject', 'The subject is empty.')
  if (subject.length > LONG_SUBJECT) {
    warn(
      'long_subject',
      `The subject has ${subject.length} characters; few windows show more than ${LONG_SUBJECT}.`,
    )
  }
  if (html === null) return warnings
  const octets = Buffer.byteLength(html)
  if (octets > CLIPPED_AT) {
    warn(
      'clipped',
      `The html has ${octets} octets; Gmail clips it after ${CLIPPED_AT}, with what stands at its end.`,
    )
  }
  if (text === null) warn('text_from_html', 'There is no text: it is made of the html.')
  for (const warning of markupWarnings(html.slice(0, MAX_LOOKED_AT))) warnings.push(warning)
  return warnings
}

function markupWarnings(html: string): readonly Warning[] {
  const counts = new Map<Warning['code'], number>()
  const found = (code: Warning['code']): void => void counts.set(code, (counts.get(code) ?? 0) + 1)
  for (const [tag, name = ''] of withoutComments(html).matchAll(/<([a-z][a-z0-9]*)\b[^<>]*>/gi)) {
    for (const code of ofTag(name.toLowerCase(), tag)) found(code)
  }
  return [...counts].map(([code, count]) => ({ code, message: `${SAID[code] ?? code}: ${count} of them.` }))
}

/** One way through, also where a comment never ends. */
function withoutComments(html: string): string {
  let out = ''
  let from = 0
  for (let begin = html.indexOf('<!--'); begin !== -1; begin = html.indexOf('<!--', from)) {
    out += html.slice(from, begin)
    const end = html.indexOf('-->', begin + 4)
    if (end === -1) return out
    from = end + 3
  }
  return out + html.slice(from)
}

function ofTag(name: string, tag: string): readonly Warning['code'][] {
  switch (name) {
    case 'img':
      return ofImage(tag)
    case 'a':
      return /\shref\s*=\s*(["']?)(?!["'#\s>]|[a-z][a-z0-9+.-]*:|\{)/i.test(tag) ? ['relative_link'] : []
    case 'script':
      return ['script']
    case 'form':
      return ['form']
    case 'link':
      return /\srel\s*=\s*["']?stylesheet/i.test(tag) ? ['external_style'] : []
    default:
      return []
  }
}

function ofImage(tag: string): readonly Warning['code'][] {
  const codes: Warning['code'][] = []
  if (!/\salt\s*(?:=|\s|\/?>)/i.test(tag)) codes.push('image_without_alt')
  if (/\ssrc\s*=\s*["']?http:/i.test(tag)) codes.push('insecure_image')
  if (/\ssrc\s*=\s*["']?data:/i.test(tag)) codes.push('embedded_image')
  return codes
}

const SAID: Readonly<Partial<Record<Warning['code'], string>>> = {
  image_without_alt: 'Images without alternative text, which is all that many readers get to see',
  insecure_image: 'Images by http, which many programs do not load; want https',
  embedded_image: 'Images in data: URLs, which Gmail and Outlook do not show; attach them with a content_id',
  relative_link: 'Links without a host, which lead nowhere from a mail',
  script: 'Scripts, which no mail program runs and some take for malice',
  external_style: 'Style sheets that would be loaded, which mail programs do not',
  form: 'Forms, which most mail programs do not send; link to a page',
}
