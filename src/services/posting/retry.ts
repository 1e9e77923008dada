//
// Owns: when a post that was not taken is tried again, and when never. Pure.

import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

/** After so many failed tries; the last goes on. */
const WAITS: readonly Milliseconds[] = [
  5 * SECOND,
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  12 * HOUR,
]
export const GIVE_UP_AFTER: Milliseconds = 3 * DAY
/** Standard Webhooks: 15 to 30 s. */
export const PATIENCE: Milliseconds = 20 * SECOND
/** RFC 9110 §15.5.11: meant for ever. Standard Webhooks: who says so is not asked again until a person says otherwise. */
export const GONE = 410

/** Null: no more tries. */
export function nextTry(attempts: number, age: Milliseconds, dice: number): Milliseconds | null {
  const wait = WAITS[Math.min(attempts, WAITS.length) - 1] ?? SECOND
  // A tenth more or less: endpoints that came back together are not asked together.
  const jittered = Math.round(wait * (0.9 + dice * 0.2))
  return age + jittered > GIVE_UP_AFTER ? null : jittered
}

/** What `Retry-After` says (RFC 9110 §10.2.3), a number of seconds or a date; null: nothing that can be understood. */
export function retryAfter(field: string | undefined, now: Milliseconds): Milliseconds | null {
  if (field === undefined) return null
  const said = field.trim()
  if (/^\d{1,9}$/.test(said)) return Number(said) * SECOND
  const at = said.endsWith(' GMT') ? Date.parse(said) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
