//
// Owns: what becomes of a post after one try. Pure.

import { DAY, type Milliseconds } from '../../core/time.ts'
import type { PostEnd, WebhookPost } from '../../store/webhook-store.ts'
import { GIVE_UP_AFTER, GONE, nextTry } from '../posting/retry.ts'

/** What came of one request. */
export interface Tried {
  /** Null: no answer came. */
  readonly status: number | null
  /** Why none came; empty else. */
  readonly fault: string
  /** As the answer said; null: it said nothing. */
  readonly retryAfter: Milliseconds | null
  readonly startedAt: Milliseconds
  readonly took: Milliseconds
  /** Excerpts. */
  readonly request: string
  readonly response: string
}

/** Who says later than this is asked all the same: it may have meant another unit. */
const LONGEST_WISH: Milliseconds = DAY

export const isTaken = ({ status }: Tried): boolean => status !== null && status >= 200 && status < 300
/** Meant for ever: the webhook is disabled. */
export const isGone = ({ status }: Tried): boolean => status === GONE

/** As far as an endpoint is believed. */
export const wishOf = ({ retryAfter }: Tried): Milliseconds => Math.min(retryAfter ?? 0, LONGEST_WISH)

interface Moment {
  readonly now: Milliseconds
  /** By how much the clock was set ahead since the post was made: that is no age (F6). */
  readonly ahead: Milliseconds
  readonly dice: number
}

export function judge(post: WebhookPost, tried: Tried, moment: Moment): PostEnd {
  const { webhookId, eventId, replay } = post
  const { status, fault, request, response, startedAt, took } = tried
  const attempts = post.attempts + 1
  const attempt = { number: attempts, at: startedAt, took, status, fault, request, response }
  return { webhookId, eventId, replay, attempts, attempt, next: nextOf(post, tried, moment) }
}

function nextOf({ attempts, createdAt }: WebhookPost, tried: Tried, moment: Moment): PostEnd['next'] {
  const { ahead, dice, now } = moment
  if (isTaken(tried)) return { state: 'taken', at: now }
  const end = endOf(createdAt, ahead)
  // Nobody is asked until a person enables the webhook again; then everything that waits is due.
  if (isGone(tried)) return end > now ? { state: 'waiting', dueAt: end } : { state: 'given_up', at: now }
  const wait = nextTry(attempts + 1, now - ahead - createdAt, dice)
  if (wait === null) return { state: 'given_up', at: now }
  // Whoever asks for longer than there is time is asked a last time at the end.
  return { state: 'waiting', dueAt: Math.min(now + Math.max(wait, wishOf(tried)), end) }
}

/** When a post is given up that nobody takes. */
export const endOf = (createdAt: Milliseconds, ahead: Milliseconds): Milliseconds =>
  createdAt + ahead + GIVE_UP_AFTER

/** It goes back untried, as if it had never been taken. */
export const untried = (
  { webhookId, eventId, replay, attempts }: WebhookPost,
  dueAt: Milliseconds,
): PostEnd => ({ webhookId, eventId, replay, attempts, attempt: null, next: { state: 'waiting', dueAt } })
