//
// Owns: content whose copies differ: compiled once into octets with holes, filled for each delivery. Pure.
// Never: touches what has no hole in it: a part without one is encoded as for everybody (mail/mime/compose.ts).

import type { ComposedParts } from '../../core/content.ts'
import { partsOfBytes } from '../../core/content-bytes.ts'
import type { DeliveryId } from '../../core/ids.ts'
import { type EncodedBody, encodeText } from '../../mail/mime/body-encode.ts'
import { composeMessage } from '../../mail/mime/compose.ts'
import { type TrackingWish, waysOutOf } from '../../mail/tracking/edits.ts'
import { fillMarks, type MarkedText, markEdits } from '../../mail/tracking/marks.ts'
import { compilePage, compileText, fillPage, type TrackedPage } from '../../mail/tracking/page.ts'
import {
  compileSubmitted,
  fillMessage,
  type TrackedMessage,
  withHeaderMarks,
} from '../../mail/tracking/submitted.ts'
import type { PersonalWish } from './order.ts'

/** Null: it turned out that nothing differs. */
export type Personal = Composed | Submitted | null

interface Submitted {
  readonly kind: 'submitted'
  readonly message: TrackedMessage
}

interface Composed {
  readonly kind: 'composed'
  readonly parts: ComposedParts
  readonly header: MarkedText
  readonly text: TrackedPage | EncodedBody | null
  readonly html: TrackedPage | EncodedBody | null
}

export function compileContent(bytes: Buffer, kind: 'submitted' | 'composed', wish: PersonalWish): Personal {
  if (kind === 'composed') return compileParts(partsOfBytes<ComposedParts>(bytes), wish)
  const tracked = wish.tracking === undefined ? null : compileSubmitted(bytes, trackingIn(wish, []))
  const pages = tracked?.ok ? tracked.value : null
  const message = wish.unsubscribe ? withHeaderMarks(bytes, pages) : pages
  return message === null ? null : { kind: 'submitted', message }
}

export function compileParts(parts: ComposedParts, wish: PersonalWish): Composed | null {
  const marked = wish.unsubscribe === true
  const { header, text, html } = parts
  const marks = marked ? markEdits(header) : []
  const words = marked && text !== null ? compileText(text) : null
  const page = html === null ? null : compilePage(html, trackingIn(wish, waysOutIn(header)), marked)
  if (marks.length === 0 && words === null && page === null) return null
  return {
    kind: 'composed',
    parts,
    header: { text: header, marks },
    text: words ?? (text === null ? null : encodeText(text)),
    html: page ?? (html === null ? null : encodeText(html)),
  }
}

/** The bytes of one copy. */
export function fillContent(content: NonNullable<Personal>, delivery: DeliveryId, key: Uint8Array): Buffer {
  if (content.kind === 'submitted') return fillMessage(content.message, delivery, key)
  const { parts, header, text, html } = content
  return composeMessage({ ...parts, header: fillMarks(header, delivery, key) }, delivery, {
    text: filled(text, delivery, key),
    html: filled(html, delivery, key),
  })
}

const filled = (
  body: TrackedPage | EncodedBody | null,
  delivery: DeliveryId,
  key: Uint8Array,
): EncodedBody | null => (body !== null && 'template' in body ? fillPage(body, delivery, key) : body)

const trackingIn = ({ tracking }: PersonalWish, untouched: readonly string[]): TrackingWish => ({
  opens: tracking?.opens === true,
  clicks: tracking?.clicks === true,
  origin: tracking?.base ?? '',
  untouched,
})

const waysOutIn = (header: string): readonly string[] =>
  /^list-unsubscribe[ \t]*:/im.test(header) ? waysOutOf(Buffer.from(`${header}\r\n`, 'utf8')) : []
