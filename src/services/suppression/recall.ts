//
// Owns: the last minutes of the log as a node needs them that has not followed it itself: after a start, and after
// another node has done the work for a while.
// Never: learns from it. What was learned stands in the store; this only tells whom to believe.

import type { Milliseconds } from '../../core/time.ts'
import type { LogCursor, LogEntry, LogStore } from '../../store/log-store.ts'

export interface RecallAsk {
  /** Up to where this node has seen the log; null: it has just started. */
  readonly seenTo: LogCursor | null
  /** Where the stretch begins that it is about to learn from. */
  readonly from: LogCursor
  /** Older events tell nothing any more. */
  readonly since: Milliseconds
}

const PAGE = 500
/** Two minutes at a thousand messages a second, read in a few seconds: of a stormy log the newest part tells enough. */
const MOST_PAGES = 500

/** In no order: who watches minutes needs none. */
export async function* recall(
  log: Pick<LogStore, 'read' | 'before'>,
  { seenTo, from, since }: RecallAsk,
): AsyncGenerator<readonly LogEntry[]> {
  if (seenTo === null) yield* backwards(log, from, since)
  else if (seenTo !== from) yield* between(log, seenTo, from)
}

async function* backwards(
  log: Pick<LogStore, 'before'>,
  from: LogCursor,
  since: Milliseconds,
): AsyncGenerator<readonly LogEntry[]> {
  let place = from
  for (let page = 0; page < MOST_PAGES; page++) {
    // The first of a page is the last of the one before.
    const entries = (await log.before(place, PAGE)).slice(page === 0 ? 0 : 1)
    yield entries.filter(({ event }) => event.at >= since)
    const last = entries[entries.length - 1]
    if (last === undefined || last.event.at < since) return
    place = last.cursor
  }
}

async function* between(
  log: Pick<LogStore, 'read'>,
  seenTo: LogCursor,
  from: LogCursor,
): AsyncGenerator<readonly LogEntry[]> {
  let place = seenTo
  for (let page = 0; page < MOST_PAGES; page++) {
    const entries = await log.read(place, PAGE)
    const end = entries.findIndex(({ cursor }) => cursor === from)
    yield end === -1 ? entries : entries.slice(0, end + 1)
    const last = entries[entries.length - 1]
    if (end !== -1 || last === undefined) return
    place = last.cursor
  }
}
