//
// Owns: when a certificate is ordered, by what is known of it: its life, the authority's word, what went wrong so far. Pure.

import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { AcmeFault } from '../../net/tls/acme/fault.ts'
import type { SuggestedWindow } from '../../net/tls/acme/renewal-info.ts'

/** What is remembered of one host, over restarts: an authority's limits do not restart with us. */
export interface Course {
  /** Null: no certificate yet. */
  readonly renewAt: Milliseconds | null
  /** When the authority is asked again for its window (RFC 9773); 0: at once. */
  readonly askAt: Milliseconds
  /** A page of the authority on why it wants an early renewal. */
  readonly why: string | null
  /** Not before, by our own patience; somebody who mended something may go before it. */
  readonly nextTryAt: Milliseconds
  /** Not before, by the authority's word; nobody goes before it. */
  readonly limitedUntil: Milliseconds
  /** In a row. */
  readonly failures: number
  readonly failedAt: readonly Milliseconds[]
  readonly issuedAt: readonly Milliseconds[]
  readonly fault: CourseFault | null
}

export interface CourseFault {
  readonly at: Milliseconds
  readonly detail: string
  readonly remedy: string
}

export interface Life {
  readonly notBefore: Milliseconds
  readonly notAfter: Milliseconds
}

export interface Chance {
  readonly now: Milliseconds
  readonly dice: number
}

export const NO_COURSE: Course = {
  renewAt: null,
  askAt: 0,
  why: null,
  nextTryAt: 0,
  limitedUntil: 0,
  failures: 0,
  failedAt: [],
  issuedAt: [],
  fault: null,
}

/** Of a certificate's life; a CA that hands out 90 days asks for 60 (Let's Encrypt's integration guide). */
const RENEW_AT_LIFE = 2 / 3
/** So many nodes and hosts do not come in the same hour. */
const JITTER_OF_LIFE = 1 / 20
/** After the 1st, 2nd, … failure that the authority counts; the last repeats. */
const WAITS: readonly Milliseconds[] = [5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY]
/** While it is not reached nothing is counted, and it is soon back. */
const WAITS_AWAY: readonly Milliseconds[] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR]
/** Where it says "less" without saying how long. */
const LIMITED: Milliseconds = HOUR
/** Let's Encrypt bears 5 failed validations an hour for one host: one stays in reserve. */
const FAILURES_AN_HOUR = 4
/** Let's Encrypt issues the same names 5 times in 7 days: one stays for the renewal that is needed. */
const ISSUED_A_WEEK = 4
const REMEMBERED = 8
/** No wait is longer; a moment beyond it was written before the clock was set back (F6). */
const LONGEST_WAIT: Milliseconds = 15 * DAY

export function courseOf(text: string): Course {
  const parsed: unknown = JSON.parse(text)
  return typeof parsed === 'object' && parsed !== null ? { ...NO_COURSE, ...parsed } : NO_COURSE
}

export function renewalTime({ notBefore, notAfter }: Life, dice: number): Milliseconds {
  const life = notAfter - notBefore
  return notBefore + life * (RENEW_AT_LIFE - JITTER_OF_LIFE * dice)
}

const lies = (at: Milliseconds, now: Milliseconds): boolean => at > now && at <= now + LONGEST_WAIT

/** Also what lies so far ahead that it was written before the clock was set back. */
export const isPast = (at: Milliseconds, now: Milliseconds): boolean => !lies(at, now)

/** `wanted`: somebody asked for it. */
export function isDue(course: Course, wanted: boolean, now: Milliseconds): boolean {
  if (refusedUntil(course, wanted, now) !== null) return false
  if (wanted) return true
  if (lies(course.nextTryAt, now)) return false
  return course.renewAt === null || course.renewAt <= now
}

/** Until when the authority would say no, and why; null: it may be asked. */
export function refusedUntil(
  course: Course,
  wanted: boolean,
  now: Milliseconds,
): { readonly until: Milliseconds; readonly why: string } | null {
  if (lies(course.limitedUntil, now)) {
    return { until: course.limitedUntil, why: 'the authority wants no order before' }
  }
  const failed = course.failedAt.filter((at) => at > now - HOUR && at <= now)
  const first = failed.at(-FAILURES_AN_HOUR)
  if (first !== undefined) {
    return {
      until: first + HOUR,
      why: `${failed.length} orders failed within an hour, and authorities bear few`,
    }
  }
  const issued = wanted ? course.issuedAt.filter((at) => at > now - 7 * DAY && at <= now) : []
  const oldest = issued.at(-ISSUED_A_WEEK)
  if (oldest === undefined) return null
  return {
    until: oldest + 7 * DAY,
    why: `${issued.length} certificates came within a week, and authorities bear few`,
  }
}

export function afterIssue(course: Course, life: Life, { now, dice }: Chance): Course {
  return {
    ...NO_COURSE,
    // A certificate of yesterday's clock would be due again at once, for ever.
    renewAt: Math.max(renewalTime(life, dice), now + HOUR),
    issuedAt: [...course.issuedAt, now].slice(-REMEMBERED),
    failedAt: course.failedAt,
  }
}

export function afterFailure(
  course: Course,
  failed: {
    readonly fault: AcmeFault
    readonly remedy: string /** False: the authority was not asked. */
    readonly counts: boolean
  },
  { now, dice }: Chance,
): Course {
  const { fault, remedy, counts } = failed
  const failures = course.failures + 1
  const waits = fault.kind === 'away' || !counts ? WAITS_AWAY : WAITS
  const wait = waits[Math.min(failures, waits.length) - 1] ?? DAY
  const limited = fault.kind === 'limited' ? Math.max(fault.retryAfter ?? LIMITED, MINUTE) : fault.retryAfter
  return {
    ...course,
    failures,
    // What failed together does not come back together.
    nextTryAt: now + wait * (1 + dice / 5),
    limitedUntil: limited === null ? course.limitedUntil : now + limited,
    failedAt:
      counts && fault.kind === 'refused' ? [...course.failedAt, now].slice(-REMEMBERED) : course.failedAt,
    fault: { at: now, detail: fault.detail, remedy },
  }
}

/** RFC 9773 §4.2: a moment within the window by lot; what was drawn stays while it lies inside. */
export function afterWindow(course: Course, window: SuggestedWindow | null, { now, dice }: Chance): Course {
  if (window === null) return { ...course, askAt: now + 6 * HOUR }
  const { start, end, askAgain, why } = window
  const drawn = course.renewAt
  const stays = drawn !== null && drawn >= start && drawn <= end
  const renewAt = stays ? drawn : start + (end - start) * dice
  return { ...course, renewAt, askAt: now + askAgain, why }
}
