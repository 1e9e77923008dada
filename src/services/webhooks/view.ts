//
// Owns: how events, webhooks and posts look to people and programs: in the API and on the command line. Pure.

import type { LogEventType } from '../../core/event.ts'
import type { Milliseconds } from '../../core/time.ts'
import { EVENT_TYPES, type Webhook } from '../../core/webhook.ts'
import { LOG_START, type LogCursor, type LogEntry } from '../../store/log-store.ts'
import type { PostRow } from '../../store/webhook-store.ts'
import { type MessageFacts, webhookBody } from './body.ts'

/** The body of a webhook, with its id and its place in the log. */
export const eventView = ({ cursor, event }: LogEntry, message: MessageFacts) => ({
  id: event.id,
  cursor,
  ...webhookBody(event, message),
})

export const webhookView = (hook: Webhook) => ({
  id: hook.id,
  url: hook.url,
  events: hook.events,
  format: hook.format,
  note: hook.note,
  state: hook.state,
  reason: hook.reason,
  created_at: iso(hook.createdAt),
  failing_since: hook.failingSince === null ? null : iso(hook.failingSince),
})

export const postView = (post: PostRow) => ({
  event_id: post.eventId,
  replay: post.replay,
  message_id: post.messageId || null,
  state: post.state,
  next_attempt_at: post.dueAt === null ? null : iso(post.dueAt),
  created_at: iso(post.createdAt),
  finished_at: post.finishedAt === null ? null : iso(post.finishedAt),
  body: post.body,
  attempts: post.attempts.map((attempt) => ({
    number: attempt.number,
    at: iso(attempt.at),
    took_ms: attempt.took,
    status: attempt.status,
    error: attempt.fault,
    request: attempt.request,
    response: attempt.response,
  })),
})

const iso = (at: Milliseconds): string => new Date(at).toISOString()

/** The largest transaction and the largest row that the engines have numbers for. */
const LARGEST = [2n ** 64n - 1n, 2n ** 63n - 1n] as const

/** A place that `eventView` or a stream told; null: it is none. */
export function parseCursor(text: string): LogCursor | null {
  if (text !== LOG_START && !/^\d{1,20}(?:\.\d{1,19})?$/.test(text)) return null
  return numbersOf(text).every((number, at) => number <= (LARGEST[at] ?? 0n)) ? (text as LogCursor) : null
}

export function isBehind(place: LogCursor, other: LogCursor): boolean {
  const [one = 0n, oneRow = 0n] = numbersOf(place)
  const [two = 0n, twoRow = 0n] = numbersOf(other)
  return one === two ? oneRow > twoRow : one > two
}

const numbersOf = (place: string): readonly bigint[] => place.split('.').map((number) => BigInt(number))

/** Separated by commas; null: one of them is no event. */
export function parseTypes(text: string): readonly LogEventType[] | null {
  const names = text.split(',').map((name) => name.trim())
  const types = EVENT_TYPES.filter((type) => names.includes(type))
  return names.every((name) => types.some((type) => type === name)) ? types : null
}
