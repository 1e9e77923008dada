//
// Owns: a page of the log as an answer, forwards or backwards, whatever order it is asked for in.

import { fault, ok, type Result } from '../../core/result.ts'
import { eventView, parseCursor } from '../../services/webhooks/view.ts'
import type { EventAsk } from '../../store/event-store.ts'
import type { LogCursor } from '../../store/log-store.ts'
import type { ApiParts } from './parts.ts'
import type { Problem } from './problem.ts'
import { invalid } from './query.ts'

export interface LogMarks {
  readonly after?: string | undefined
  readonly before?: string | undefined
}

/** The page before a mark is the page behind it in the other order, turned round. */
export async function logPage(
  { events }: Pick<ApiParts, 'events'>,
  ask: Omit<EventAsk, 'after'>,
  { after, before }: LogMarks,
) {
  const mark = readMark(after === undefined ? 'before' : 'after', after ?? before)
  if (!mark.ok) return mark
  const backwards = before !== undefined
  const order = backwards ? (ask.order === 'asc' ? 'desc' : 'asc') : ask.order
  // One more than asked for tells whether there are more.
  const page = await events.page({ ...ask, limit: ask.limit + 1, order, after: mark.value })
  const read = page.entries.slice(0, ask.limit)
  const isFull = read.length < page.entries.length
  const facts = await events.messageFacts([...new Set(read.map(({ event }) => event.messageId))])
  const entries = backwards ? read.toReversed() : read
  const looked = (isFull ? read.at(-1)?.cursor : page.next) ?? mark.value
  return ok({
    success: true,
    data: entries.map((entry) => eventView(entry, facts.get(entry.event.messageId) ?? null)),
    has_more: isFull || !page.isEnd,
    // A page may be short, even empty, where little fits: the way on is behind what was looked at.
    next: backwards ? (entries.at(-1)?.cursor ?? null) : looked,
    previous: backwards ? looked : (entries[0]?.cursor ?? null),
  } as const)
}

function readMark(name: 'after' | 'before', said: string | undefined): Result<LogCursor | null, Problem> {
  if (said === undefined) return ok(null)
  const cursor = parseCursor(said)
  if (cursor !== null) return ok(cursor)
  return fault(invalid(name, `is no value that "${name === 'after' ? 'next' : 'previous'}" had`))
}
