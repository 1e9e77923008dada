//
// Owns: the Date of a message that is to leave at another time than was said first. Pure.
// Never: touches what its author has signed, or anything beside that field.

import type { ComposedParts, Fill, StoredContent } from '../../core/content.ts'
import { partsOfBytes } from '../../core/content-bytes.ts'
import type { ContentId } from '../../core/ids.ts'
import type { Milliseconds } from '../../core/time.ts'
import { editHeader } from '../../mail/mime/edit.ts'
import { scanMessage } from '../../mail/mime/scan.ts'
import { dateOf } from '../submission/compose-headers.ts'
import { encodeContent } from '../submission/content.ts'

/** Null: that part stays as it is. */
export interface Redated {
  readonly content: StoredContent | null
  readonly fill: string | null
}

const NOTHING: Redated = { content: null, fill: null }

export interface RedateFacts {
  readonly fill: string | undefined
  readonly at: Milliseconds
  readonly contentId: () => ContentId
}

export function redated(content: StoredContent, { fill, at, contentId }: RedateFacts): Redated {
  switch (content.kind) {
    case 'composed': {
      const parts = partsOfBytes<ComposedParts>(content.bytes)
      const kept = { ...parts, header: withDate(parts.header, at) }
      return { content: encodeContent({ kind: 'composed', parts: kept }, contentId()), fill: null }
    }
    case 'merged': {
      if (fill === undefined) return NOTHING
      const own = JSON.parse(fill) as Fill
      return { content: null, fill: JSON.stringify({ ...own, header: withDate(own.header, at) }) }
    }
    case 'submitted': {
      const scan = scanMessage(content.bytes)
      if (!scan.ok || scan.value.count('dkim-signature') > 0) return NOTHING
      const bytes = editHeader(content.bytes, scan.value, DATE, `Date: ${dateOf(at)}\r\n`)
      return { content: encodeContent({ kind: 'submitted', bytes }, contentId()), fill: null }
    }
    default:
      return content.kind satisfies never
  }
}

const DATE: ReadonlySet<string> = new Set(['date'])

/** Our own header lines: the field has one line, and only one is there. */
const withDate = (header: string, at: Milliseconds): string =>
  header.replace(/^Date: [^\r\n]*\r\n/m, `Date: ${dateOf(at)}\r\n`)
