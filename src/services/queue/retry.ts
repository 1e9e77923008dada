//
// Owns: when a deferred delivery is tried again, and when we give up. Pure: facts, time and dice come in.
// Never: what is permanent (mail/bounces/classify.ts).

import type { BounceReason } from '../../core/failure.ts'
import { HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

export interface RetryFacts {
  /** Attempts made so far, the one that just failed included. */
  readonly attemptsMade: number
  /** Accept time plus `give_up_after`, or `expires_after` where the sender asked for less. */
  readonly expiresAt: Milliseconds
  readonly reason: BounceReason
  /** The peer spoke of our behaviour or reputation (4.7.Z): coming back soon makes it worse. */
  readonly policyDeferral: boolean
  /** The wait that the peer named (named-wait.ts). */
  readonly named: Milliseconds | null
}

export interface Chance {
  readonly now: Milliseconds
  /** In [0, 1). */
  readonly dice: number
  /** By how much the clock was set forward while the delivery waited: not a part of its age (F6). */
  readonly ahead?: Milliseconds
}

const minutes = (...all: readonly number[]): readonly Milliseconds[] => all.map((each) => each * MINUTE)

/**
 * Waits after the 1st, 2nd, … failed attempt; the last one repeats. A login code must not wait long for its
 * second try, and RFC 5321 §4.5.4.1 wants two tries within the first hour and 4–5 days of patience.
 */
export const WAITS = minutes(1, 5, 10, 20, 40, 60, 120, 240)

/** The greylist opens after a minute, five, sometimes an hour; RFC 6647 §2.6 asks whoever retries to go on. */
export const GREYLISTED = minutes(1, 5, 10, 10, 10, 20, 40, 60, 120, 240)

/** Nobody empties a mailbox within minutes. */
export const MAILBOX_FULL = minutes(60, 240, 480)

/** Our own fault, and mended as soon as we are: but not asked all the time. */
export const INTERNAL = minutes(1, 1, 2, 5, 10)

/** The shortest wait after a limit, a block, or a reply 4.7.Z, and while encryption fails. */
export const POLICY_WAIT: Milliseconds = 15 * MINUTE

/** The peer may have the message: time for it to notice, before it gets the same again. */
export const UNCERTAIN_WAIT: Milliseconds = 5 * MINUTE

/** A time that the peer names is kept to between these. */
export const NAMED_AT_LEAST: Milliseconds = MINUTE
export const NAMED_AT_MOST: Milliseconds = 4 * HOUR
/** Who names five minutes for ever is asked less often after this many attempts. */
const NAMED_ATTEMPTS = 6

/** ±20 %: a burst that failed together must not return together. */
const SPREAD = 0.2

/** With more time than this left there is one more attempt, so long before the end that it can still be made. */
const LAST_CHANCE: Milliseconds = MINUTE
const LAST_BEFORE_END: Milliseconds = 15 * SECOND
const LAST_SPREAD: Milliseconds = 40 * SECOND

export function nextAttemptAt(facts: RetryFacts, chance: Chance): Milliseconds | 'expired' {
  const { now, dice, ahead = 0 } = chance
  const end = facts.expiresAt + ahead
  const at = Math.round(now + waitOf(facts, dice))
  if (at <= end) return at
  // The last try is made near the end, rather than to give up hours before it.
  return end - now > LAST_CHANCE ? Math.round(end - LAST_BEFORE_END - dice * LAST_SPREAD) : 'expired'
}

function waitOf(facts: RetryFacts, dice: number): Milliseconds {
  const step = Math.max(stepOf(scheduleOf(facts.reason), facts.attemptsMade), floorOf(facts))
  if (facts.named === null) return step * (1 - SPREAD + dice * 2 * SPREAD)
  const named = Math.min(Math.max(facts.named, NAMED_AT_LEAST), NAMED_AT_MOST)
  // Never before the time that was named.
  return (facts.attemptsMade > NAMED_ATTEMPTS ? Math.max(named, step) : named) * (1 + dice * SPREAD)
}

function scheduleOf(reason: BounceReason): readonly Milliseconds[] {
  if (reason === 'greylisted') return GREYLISTED
  if (reason === 'mailbox_full') return MAILBOX_FULL
  return reason === 'internal' ? INTERNAL : WAITS
}

const stepOf = (schedule: readonly Milliseconds[], attemptsMade: number): Milliseconds =>
  schedule[Math.min(attemptsMade, schedule.length) - 1] ?? 0

const UNWELCOME: ReadonlySet<BounceReason> = new Set([
  'rate_limited',
  'blocked',
  'reputation',
  'ptr_missing',
  'spam',
  'policy',
  'tls',
])

function floorOf({ reason, policyDeferral }: RetryFacts): Milliseconds {
  if (UNWELCOME.has(reason)) return POLICY_WAIT
  if (reason === 'uncertain') return UNCERTAIN_WAIT
  // Greylists and full mailboxes speak of policy, too (4.7.1), and have schedules of their own.
  return policyDeferral && scheduleOf(reason) === WAITS ? POLICY_WAIT : 0
}
