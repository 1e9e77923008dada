//
// Owns: from what stands and what is found to what shall stand. Pure.
// Paused stays paused until somebody resumes it: the figures of who sends nothing would get well by themselves.

import { DAY, type Milliseconds } from '../../core/time.ts'
import type { SendingState } from '../../store/sending-store.ts'
import { dayOf } from '../../store/stats-store.ts'
import type { Level } from './judge.ts'

/** The day that goes on, and six before it. */
export const WINDOW_DAYS = 7

/** When the days begin that are judged. */
export const windowFrom = (now: Milliseconds): Milliseconds => dayOf(now) - (WINDOW_DAYS - 1) * DAY

export type Decision = 'keep' | 'remove' | SendingState['state']

export interface Judged {
  readonly kind: SendingState['kind']
  readonly name: string
  readonly level: Level
  /** As it stands; null: nothing does. */
  readonly before: SendingState['state'] | null
  /** When it was resumed, if that lies within the days that are judged. */
  readonly resumedAt: Milliseconds | null
}

export function decide({ before, kind, level: found, name, resumedAt }: Judged): Decision {
  // Only marketing mail is ever paused: of the other stream one is warned.
  const level = kind === 'stream' && name === 'transactional' && found === 'paused' ? 'warned' : found
  if (before === 'paused') return 'keep'
  if (level !== 'ok') return level === before ? 'keep' : level
  // What was before it was resumed does not count, as long as it would.
  if (resumedAt !== null) return before === 'resumed' ? 'keep' : 'resumed'
  return before === null ? 'keep' : 'remove'
}
