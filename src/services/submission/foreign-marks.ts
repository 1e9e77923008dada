//
// Owns: finding, in what a caller gives, the words that stand for a recipient's own token (mail/tracking/way-out.ts). Only the
// variable puts them where they belong: somebody whose comment is quoted in a newsletter could have them written into a link
// of his own, and would learn by which token each reader leaves.

import { ADDRESS_MARK, URL_MARK } from '../../mail/tracking/way-out.ts'
import type { FieldFault } from './refusal.ts'

interface Given {
  readonly html: string | null
  readonly text: string | null
  /** JSON as it came. */
  readonly data: object | null
  /** What `{{ unsubscribe_url }}` stands for. */
  readonly wayOut?: string | null
}

/** Empty where no way out of ours is written: there they are words like any others. */
export function foreignMarks({ data, html, text, wayOut }: Given): readonly FieldFault[] {
  if (wayOut == null || !wayOut.includes(URL_MARK)) return []
  const given = { html, text, data }
  return (['html', 'text', 'data'] as const)
    .filter((path) => holdsMark(given[path]))
    .map((path) => ({
      path,
      code: 'invalid',
      message: `${path} holds "${URL_MARK.replace(/0+$/, '')}", which stands for a recipient's own token; write {{ unsubscribe_url }} where the link belongs`,
    }))
}

/** Without recursion: JSON may be as deep as it is long. */
function holdsMark(value: unknown): boolean {
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') {
      if (next.includes(URL_MARK) || next.includes(ADDRESS_MARK)) return true
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, each] of Object.entries(next)) left.push(name, each)
    }
  }
  return false
}
