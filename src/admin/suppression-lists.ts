//
// Owns: reading lists of other services for the command line, which reads its files itself.

import { LIST_ORIGINS, ListReader } from '../services/suppression/foreign-list.ts'
import { LIST_KINDS } from '../services/suppression/foreign-reasons.ts'
import type { SuppressionDraft } from './suppression-rows.ts'

export const FROM_WORDS: readonly string[] = LIST_ORIGINS
export const KIND_WORDS: readonly string[] = LIST_KINDS

export type ReadRow =
  | { readonly draft: SuppressionDraft }
  | { readonly skip: string }
  /** The names of its columns. */
  | null

/** Null where a word is none of those above. */
export function listReader(
  file: string,
  { from, kind }: { readonly from: string | null; readonly kind: string | null },
): ((cells: readonly string[]) => ReadRow) | null {
  const wish = {
    from: LIST_ORIGINS.find((one) => one === from) ?? null,
    kind: LIST_KINDS.find((one) => one === kind) ?? null,
    file,
  }
  if ((from !== null && wish.from === null) || (kind !== null && wish.kind === null)) return null
  const reader = new ListReader(wish)
  return (cells) => {
    const row = reader.read(cells)
    if (row === null || 'skip' in row) return row
    const { address, expires_at = null, note = null, reason = null, scope = null } = row.draft
    return { draft: { address, expires_at, note, reason, scope } }
  }
}
