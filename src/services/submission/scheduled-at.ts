//
// Owns: the time at which a message is to leave, as senders write it (RFC 3339). Pure.

import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'

/** A year, and the day by which some years are longer. */
export const MAX_AHEAD: Milliseconds = 366 * DAY
/**
 * Past by so much is a job that ran late, or a clock that is off: it leaves at once. More is a mistake, most likely in
 * an offset or a year, and mail that left by mistake does not come back.
 */
export const LATE: Milliseconds = HOUR

export const TIME_WANTED = 'a time with its offset such as "2027-01-15T10:30:00Z", at most a year ahead'

export interface TimeFault {
  readonly code: 'invalid' | 'past' | 'too_far'
  /** Goes on after the name of the field. */
  readonly message: string
}

const TIME =
  /^(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Null: at once. */
export function parseScheduledAt(text: string, now: Milliseconds): Result<Milliseconds | null, TimeFault> {
  const written = text.trim()
  const at = timeOf(written)
  const shown = JSON.stringify(written.slice(0, 60).toWellFormed())
  if (at === null) return fault({ code: 'invalid', message: `is ${shown}; want ${TIME_WANTED}` })
  if (at < now - LATE) {
    return fault({ code: 'past', message: `is ${shown}, which is past; it is ${sayTime(now)} now` })
  }
  if (at > now + MAX_AHEAD) {
    return fault({ code: 'too_far', message: `is ${shown}, which is more than a year ahead` })
  }
  return ok(at > now ? at : null)
}

function timeOf(text: string): Milliseconds | null {
  const [whole, day] = TIME.exec(text) ?? []
  if (whole === undefined || day === undefined) return null
  // Date.parse takes the 30th of February for a day in March.
  const midnight = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return null
  const at = Date.parse(whole.toUpperCase().replace(' ', 'T'))
  return Number.isNaN(at) ? null : Math.floor(at)
}

/** As it is told: RFC 3339 in UTC. */
export const sayTime = (at: Milliseconds): string => new Date(at).toISOString()
