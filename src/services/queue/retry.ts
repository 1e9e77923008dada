//
// Owns: when a deferred delivery is tried again, and when we give up. Pure: facts, time and dice come in.
// Never: what is permanent (mail/bounces/classify.ts).

import { HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'

export interface RetryFacts {
  /** Attempts made so far, the one that just failed included. */
  readonly attemptsMade: number
  /** Accept time plus `give_up_after`, or `expires_after` where the sender asked for less. */
  readonly expiresAt: Milliseconds
  /** The peer spoke of our behaviour or reputation (X.7.Z): coming back soon makes it worse. */
  readonly policyDeferral: boolean
}

export interface Chance {
  readonly now: Milliseconds
  /** In [0, 1). */
  readonly dice: number
  /** By how much the clock was set forward while the delivery waited: not a part of its age (F6). */
  readonly ahead?: Milliseconds
}

/**
 * Waits after the 1st, 2nd, … failed attempt; the last one repeats. A login code must not wait long for its
 * second try, and RFC 5321 §4.5.4.1 wants two tries within the first hour and 4–5 days of patience.
 */
export const WAITS: readonly Milliseconds[] = [
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  20 * MINUTE,
  40 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
]

/** The shortest wait after a reply X.7.Z. */
export const POLICY_WAIT: Milliseconds = 15 * MINUTE

/** ±20 %: a burst that failed together must not return together. */
const SPREAD = 0.2

export function nextAttemptAt(facts: RetryFacts, chance: Chance): Milliseconds | 'expired' {
  const step = WAITS[Math.min(facts.attemptsMade, WAITS.length) - 1] ?? 0
  const wait = facts.policyDeferral ? Math.max(step, POLICY_WAIT) : step
  const at = Math.round(chance.now + wait * (1 - SPREAD + chance.dice * 2 * SPREAD))
  return at - (chance.ahead ?? 0) > facts.expiresAt ? 'expired' : at
}
