//
// Owns: how long a failed AUTH is answered late (T19): the longer, the more failed before from that address or with
// that beginning of a key. Success is never delayed: nobody can lock the owner of a key out from elsewhere.

import type { Clock } from '../../core/ports.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

export interface AuthThrottle {
  /** Counts one failure; says how long to wait with the answer. */
  failed(address: string, secret: string): Milliseconds
}

/** A failure is forgotten after this long without another one. */
const MEMORY: Milliseconds = 10 * MINUTE
const LONGEST_DELAY: Milliseconds = 30 * SECOND
/** Addresses and prefixes remembered; an attacker with more of them pushes out his own. */
const MAX_ENTRIES = 20_000
/** `mwk_live_` and four characters: enough to tell keys apart, too little to help anybody. */
const PREFIX_CHARACTERS = 13

interface Failures {
  readonly count: number
  readonly last: Milliseconds
}

export function authThrottle(clock: Clock): AuthThrottle {
  const failures = new Map<string, Failures>()

  const countOne = (who: string, now: Milliseconds): number => {
    const before = failures.get(who)
    const count = (before && now - before.last < MEMORY ? before.count : 0) + 1
    // Set anew, so that the map's order is the order of last failures.
    failures.delete(who)
    failures.set(who, { count, last: now })
    if (failures.size > MAX_ENTRIES) {
      const [oldest] = failures.keys()
      if (oldest !== undefined) failures.delete(oldest)
    }
    return count
  }

  return {
    failed(address, secret) {
      const now = clock.monotonic()
      const count = Math.max(
        countOne(`address ${address}`, now),
        countOne(`key ${secret.slice(0, PREFIX_CHARACTERS)}`, now),
      )
      return Math.min(SECOND * 2 ** (count - 1), LONGEST_DELAY)
    },
  }
}
