//
// Owns: until when a delivery waits in the store that its lane cannot take now. Pure.

import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

/** Its own time may be over before the pause is, and the pause may be lifted by hand. */
const LONGEST: Milliseconds = MINUTE
/** Behind connections that hang: any of them may come back to life. */
const STALLED: Milliseconds = 5 * SECOND

/** Nobody knows when its sender may send again; who resumes it makes all of it due at once. */
const PAUSED: Milliseconds = 30 * MINUTE

/** When mail of a paused sender is looked at again: not all of it at once, and not later than it expires. */
export function pausedUntil(
  now: Milliseconds,
  delivery: { readonly expiresAt: Milliseconds },
  dice: number,
): Milliseconds {
  const wait = Math.round(PAUSED * (0.5 + dice))
  return Math.max(now + SECOND, Math.min(now + wait, delivery.expiresAt))
}

/** `pausedUntil` is null where connections hang. */
export function backAt(
  now: Milliseconds,
  pausedUntil: Milliseconds | null,
  delivery: { readonly expiresAt: Milliseconds },
): Milliseconds {
  const until = pausedUntil ?? now + STALLED
  return Math.max(now, Math.min(until, now + LONGEST, delivery.expiresAt))
}
