//
// Owns: until when a delivery waits in the store that its lane cannot take now. Pure.

import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

/** Its own time may be over before the pause is, and the pause may be lifted by hand. */
const LONGEST: Milliseconds = MINUTE
/** Behind connections that hang: any of them may come back to life. */
const STALLED: Milliseconds = 5 * SECOND

/** `pausedUntil` is null where connections hang. */
export function backAt(
  now: Milliseconds,
  pausedUntil: Milliseconds | null,
  delivery: { readonly expiresAt: Milliseconds },
): Milliseconds {
  const until = pausedUntil ?? now + STALLED
  return Math.max(now, Math.min(until, now + LONGEST, delivery.expiresAt))
}
