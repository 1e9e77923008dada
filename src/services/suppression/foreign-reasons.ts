//
// Owns: why another service does not write to an address, in the words of this list. Pure.
// Never: makes a hard bounce of what says nothing of the address: a block for content or reputation passes.

import type { SuppressionReason, SuppressionScope } from '../../core/suppression.ts'

/** What one file of a service holds. */
export const LIST_KINDS = ['bounces', 'blocks', 'invalid', 'complaints', 'unsubscribes'] as const
export type ListKind = (typeof LIST_KINDS)[number]

export interface ForeignEntry {
  readonly reason: SuppressionReason
  readonly scope: SuppressionScope
}

/** `skip`: that service writes to the address as well, or the row says nothing of it. */
export type ForeignVerdict = ForeignEntry | { readonly skip: string }

export const isSkipped = (verdict: ForeignVerdict): verdict is { readonly skip: string } => 'skip' in verdict

const entry = (reason: SuppressionReason, scope: SuppressionScope = ''): ForeignEntry => ({ reason, scope })

/** RFC 3463 §3.2: X.1.Z speaks of the address, and 5.2.1 of a mailbox that is closed. */
const OF_ADDRESS = /\b5\.(?:1\.\d{1,2}|2\.1)\b/
const PASSES = /\b4\.\d\.\d{1,3}\b/
const OF_OTHERS = /\b5\.[2-7]\.\d{1,3}\b/

/** What a reply says, wherever it stands in the row; null: it does not say. */
export function meantBy(words: string): 'address' | 'other' | 'passes' | null {
  if (OF_ADDRESS.test(words)) return 'address'
  if (PASSES.test(words) || /^4\d\d\b/.test(words.trim())) return 'passes'
  return OF_OTHERS.test(words) ? 'other' : null
}

/** `words`: code, status and text of the reply. */
export function verdictOf(kind: ListKind, words: string): ForeignVerdict {
  switch (kind) {
    case 'bounces':
      return bounced(words)
    case 'blocks':
      return { skip: 'a block is about a message, not about its address' }
    case 'invalid':
      return entry('hard_bounce')
    case 'complaints':
      return entry('complaint')
    case 'unsubscribes':
      return entry('unsubscribe')
    default:
      return kind satisfies never
  }
}

/** That service has given the address up; what it was refused for says whether the address is to blame. */
function bounced(words: string): ForeignVerdict {
  const meant = meantBy(words)
  if (meant === 'passes') return { skip: 'a refusal that passes' }
  return entry(meant === 'other' ? 'import' : 'hard_bounce')
}

/** SendGrid's bounces and blocks have the same columns: only what speaks of the address is taken from a file of either. */
export function bouncedOrBlocked(words: string): ForeignVerdict {
  return meantBy(words) === 'address'
    ? entry('hard_bounce')
    : { skip: 'a bounce or a block, the file does not say which; say so with the kind bounces' }
}

/** A column with words of a service's own. */
export function fromWords(words: string): ForeignEntry | null {
  const said = words.toLowerCase().replace(/[^a-z]/g, '')
  if (/^(?:hard|permanent)?bounced?$|^invalid(?:email|address)?s?$/.test(said)) return entry('hard_bounce')
  if (/^(?:spam|abuse)|complain/.test(said)) return entry('complaint')
  if (/^unsubscri|^opt(?:ed)?out/.test(said)) return entry('unsubscribe')
  return /^manual/.test(said) ? entry('manual') : null
}
