//
// Owns: a part of a composed message, compiled once per content for tracking and ways out: which encoding it travels in,
// and where each copy differs.

import type { DeliveryId } from '../../core/ids.ts'
import {
  base64Length,
  type EncodedBody,
  quotedPrintable,
  travelsAsIs,
  withCrlf,
} from '../mime/body-encode.ts'
import { type Edit, editsOf, merged, type TrackingWish } from './edits.ts'
import { markEdits } from './marks.ts'
import { fillTemplate, type Template, TemplateWriter, writtenOctets } from './template.ts'

export interface TrackedPage {
  readonly encoding: EncodedBody['encoding']
  readonly template: Template
}

/** Null when there is nothing to track, and no mark: the page goes as it is. */
export function compilePage(html: string, wish: TrackingWish, marks = false): TrackedPage | null {
  const page = withCrlf(html)
  const edits = editsOf({ page, unicode: true, textOf: (start, end) => page.slice(start, end) }, wish)
  return compiled(page, marks ? merged(edits, markEdits(page)) : edits)
}

/** Of a text nothing is changed but the marks of ways out; null when it has none. */
export function compileText(text: string): TrackedPage | null {
  const lines = withCrlf(text)
  return compiled(lines, markEdits(lines))
}

function compiled(page: string, edits: readonly Edit[]): TrackedPage | null {
  if (edits.length === 0) return null
  const octets = Buffer.byteLength(page)
  if (octets === page.length) {
    const plain = plainTemplate(page, edits)
    // The holes are ASCII and of one size: what is true of the template is true of every copy.
    if (travelsAsIs(plain.octets)) return { encoding: '7bit', template: plain }
  }
  const quoted = quotedTemplate(page, edits)
  // As mail/mime/body-encode.ts chooses for pages without tracking.
  const filled = edits.reduce((sum, edit) => sum + grownBy(page, edit), octets)
  if (quoted.octets.length <= base64Length(filled) * 1.25) {
    return { encoding: 'quoted-printable', template: quoted }
  }
  return { encoding: 'base64', template: { ...plainTemplate(page, edits), base64: true } }
}

/** Octets that a copy has more by an edit. */
const grownBy = (page: string, edit: Edit): number =>
  writtenOctets(edit) - Buffer.byteLength(page.slice(edit.start, edit.end))

export const fillPage = (page: TrackedPage, delivery: DeliveryId, key: Uint8Array): EncodedBody => ({
  encoding: page.encoding,
  bytes: fillTemplate(page.template, delivery, key),
})

function plainTemplate(page: string, edits: readonly Edit[]): Template {
  const writer = new TemplateWriter()
  let from = 0
  for (const edit of edits) {
    writer.octets(Buffer.from(page.slice(from, edit.start), 'utf8')).edit(edit)
    from = edit.end
  }
  return writer.octets(Buffer.from(page.slice(from), 'utf8')).end()
}

function quotedTemplate(page: string, edits: readonly Edit[]): Template {
  const writer = new TemplateWriter()
  let from = 0
  for (const edit of edits) {
    writer.octets(quotedPrintable(Buffer.from(page.slice(from, edit.start), 'utf8')))
    writer.quotedEdit(edit, edit.end < page.length ? 'more' : 'end')
    from = edit.end
  }
  return writer.octets(quotedPrintable(Buffer.from(page.slice(from), 'utf8'))).end()
}
