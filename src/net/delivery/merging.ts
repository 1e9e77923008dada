//
// Owns: a merged content and a message's fill → the parts of that message, as if they had been composed for it alone
// (decision 7). The door has proven that they render; what fails here all the same waits and is tried again (I13).
// Never: tokens of recipients (personal.ts), or bytes.

import type { ComposedParts, Fill, MergedParts } from '../../core/content.ts'
import { partsOfBytes } from '../../core/content-bytes.ts'
import type { ContentId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { encodeText, withCrlf } from '../../mail/mime/body-encode.ts'
import type { ReadyBodies } from '../../mail/mime/compose.ts'
import { MergeTemplates } from '../../mail/templates/merge.ts'
import { textAlternative } from '../../mail/templates/text-alternative.ts'
import { BoundedCache } from './bounded-cache.ts'
import type { DeliveryOrder } from './order.ts'

export interface MergedCopy {
  readonly parts: ComposedParts
  /** Parts that are the same in every copy, encoded once. */
  readonly ready: ReadyBodies
}

interface Kept {
  readonly parts: MergedParts
  readonly ready: ReadyBodies
}

export class Merging {
  readonly #templates = new MergeTemplates()
  readonly #kept: BoundedCache<ContentId, Kept>

  constructor(octets: number) {
    this.#kept = new BoundedCache(octets)
  }

  copyOf({
    content,
    fill,
    shared,
  }: Pick<DeliveryOrder, 'content' | 'fill' | 'shared'>): Result<MergedCopy, string> {
    if (fill === undefined) return fault('a merged content came without what its message adds')
    const { parts, ready } = this.#keptOf(content, shared)
    // The door wrote it: it is what it says.
    const { data, header } = JSON.parse(fill) as Fill
    const { attachments, wayOut } = parts
    const common = { header: parts.header + header, attachments }
    if (data === null) return ok({ parts: { ...common, ...bodiesOf(parts) }, ready })
    const values = wayOut === null ? data : { unsubscribe_url: wayOut, ...data }
    const merged = this.#templates.renderMerge({ subject: '', html: parts.html, text: parts.text }, values)
    if (merged.ok) return ok({ parts: { ...common, ...bodiesOf(merged.value) }, ready })
    const { part, line, message } = merged.error
    return fault(`cannot be merged: ${part}, line ${line}: ${message}`)
  }

  #keptOf(content: DeliveryOrder['content'], shared: boolean): Kept {
    const known = this.#kept.get(content.id)
    if (known !== undefined) return known
    const parts = partsOfBytes<MergedParts>(content.bytes)
    const kept: Kept = { parts, ready: shared ? readyOf(parts) : {} }
    if (shared) this.#kept.set(content.id, kept, 2 * content.bytes.length)
    return kept
  }
}

const readyOf = ({ html, text }: MergedParts): ReadyBodies => ({
  ...(html === null || hasTags(html) ? null : { html: encodeText(html) }),
  ...(text === null || hasTags(text) ? null : { text: encodeText(text) }),
})

/** A part without tags is the same whatever the data. */
const hasTags = (part: string): boolean => part.includes('{{') || part.includes('{%')

/** Values bring line ends of their own. */
function bodiesOf({ html, text }: Pick<MergedParts, 'html' | 'text'>): Pick<ComposedParts, 'html' | 'text'> {
  const page = html === null ? null : withCrlf(html)
  if (text !== null) return { html: page, text: withCrlf(text) }
  return { html: page, text: page === null ? null : withCrlf(textAlternative(page)) }
}
