//
// Owns: times, spans and faults in words. Pure.

import type { Blame } from '../../core/failure.ts'
import type { SuppressionScope } from '../../core/suppression.ts'
import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

/** Whose side it is, after "The fault lies with". */
export const FAULT: Readonly<Record<Blame, string>> = {
  recipient: 'the recipient’s address or mailbox',
  content: 'the content of the message',
  reputation: 'how the receiver sees this sender and its addresses',
  'sender-config': 'the setup of the sending domain or of this server',
  receiver: 'the receiver’s system',
  network: 'the network or the name servers on the way',
}

export const iso = (at: Milliseconds): string => new Date(at).toISOString()

/** For sentences: milliseconds are for the timeline. */
export const moment = (at: Milliseconds): string => `${iso(at).slice(0, 19).replace('T', ' ')} UTC`

/** What somebody else said stands in quotation marks, without their full stop. */
export const quoted = (words: string): string => `“${words.trim().replace(/\.$/, '')}”.`

export const listName = (scope: SuppressionScope): string => {
  if (scope === '') return 'all mail'
  return scope === 'marketing' ? 'marketing mail' : `the ${scope.replace(':', ' ')}`
}

const STEPS: readonly (readonly [Milliseconds, string])[] = [
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second'],
]

/** The two largest units that matter: `2 hours`, `1 day and 3 hours`. */
export function span(of: Milliseconds): string {
  if (of > 0 && of < SECOND) return `${Math.round(of)} ms`
  let left = Math.max(0, of)
  const parts: string[] = []
  for (const [size, name] of STEPS) {
    const count = Math.floor(left / size)
    if (count === 0 && parts.length === 0) continue
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`)
    left -= count * size
    if (parts.length === 2 || count === 0) break
  }
  return parts.length === 0 ? 'no time' : parts.join(' and ')
}

export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`
