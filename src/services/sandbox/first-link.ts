//
// Owns: the link that a reader of the sandbox clicks: the first one of the html that would be tracked. Pure.

import type { ComposedParts, Fill, MergedParts, StoredContent } from '../../core/content.ts'
import { partsOfBytes } from '../../core/content-bytes.ts'
import { asBuffer } from '../../mail/mime/scan.ts'
import { leavesOf } from '../../mail/mime/tree.ts'
import { MergeTemplates } from '../../mail/templates/merge.ts'
import { readingOf } from '../../mail/tracking/charset.ts'
import { type Readable, targetOf } from '../../mail/tracking/edits.ts'
import { scanPage } from '../../mail/tracking/markup.ts'
import { fromBase64, fromQuotedPrintable, transferOf } from '../../mail/tracking/transfer.ts'
import { URL_MARK } from '../../mail/tracking/way-out.ts'

/** `fill`: what the message adds to a merged content. Null: there is none, or none that can be read. */
export function firstLink(
  { kind, bytes }: Pick<StoredContent, 'kind' | 'bytes'>,
  fill?: string,
): string | null {
  const octets = asBuffer(bytes)
  if (kind === 'submitted') return inMessage(octets)
  // The door wrote it and the store proved its SHA-256: it is what it says.
  const parts = partsOfBytes<ComposedParts | MergedParts>(octets)
  const html = fill === undefined ? parts.html : mergedPage(parts.html, JSON.parse(fill) as Fill)
  const textOf = (start: number, end: number): string => (html ?? '').slice(start, end)
  return html === null ? null : inPage({ page: html, unicode: true, textOf })
}

/** Our own way out is no link to click: whatever stands in its place. */
function mergedPage(html: string | null, { data }: Fill): string | null {
  if (data === null) return html
  const merged = new MergeTemplates().renderMerge(
    { subject: '', html, text: null },
    { unsubscribe_url: '', ...data },
  )
  return merged.ok ? merged.value.html : null
}

function inMessage(message: Buffer): string | null {
  const page = leavesOf(message)?.find(({ type }) => type === 'text/html')
  if (page === undefined) return null
  const body = message.subarray(page.bodyStart, page.bodyEnd)
  const transfer = transferOf(page.scan.value('content-transfer-encoding'))
  const octets =
    transfer === 'base64'
      ? fromBase64(body)
      : transfer === 'quoted-printable'
        ? fromQuotedPrintable(body).octets
        : body
  const reading = octets === null ? null : readingOf(octets, page.parameters.get('charset') ?? '')
  return reading === null ? null : inPage(reading)
}

function inPage({ page, textOf, unicode }: Readable): string | null {
  for (const { start, end, notrack } of scanPage(page).links) {
    const target = notrack ? null : targetOf(textOf(start, end), unicode)
    // The way out of the list is a mark until a copy is rendered.
    if (target !== null && !target.includes(URL_MARK)) return target
  }
  return null
}
