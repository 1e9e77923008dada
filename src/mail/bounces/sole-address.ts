//
// Owns: whom a notice of unknown form speaks of: the one address in it that is neither ours nor its server's.

import type { Fields } from './fields.ts'

const ADDRESS = /[^\s<>@"',;:()[\]=*|]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/gi
const MAX_LINES = 200
const MAX_FOUND = 50

/** Names that stand in notices for people to ask, and never for the recipient that failed. */
const OF_THE_HOUSE = new Set([
  'postmaster',
  'mailer-daemon',
  'abuse',
  'support',
  'helpdesk',
  'noreply',
  'no-reply',
  'admin',
])

/** Null when the notice names nobody, or several: then nothing says which of them it is. */
export function soleAddress(lines: readonly string[], header: Fields): string | null {
  const ours = `${header.get('to') ?? ''} ${header.get('from') ?? ''}`.slice(0, 2000).toLowerCase()
  const found = new Set<string>()
  for (const line of lines.slice(0, MAX_LINES)) {
    // What names the sender or repeats the original's header is about us.
    if (/^\s{0,8}(?:(?:return-path|message-id|mail from|sender|original sender)\s{0,4}:|from\b)/i.test(line))
      continue
    for (const [match] of line.matchAll(ADDRESS)) {
      const address = match.toLowerCase()
      if (!ours.includes(address) && !OF_THE_HOUSE.has(address.split('@', 1)[0] ?? '')) found.add(address)
      if (found.size > MAX_FOUND) return null
    }
  }
  const [only = null] = found
  return found.size === 1 ? only : null
}
