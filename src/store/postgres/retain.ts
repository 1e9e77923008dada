//
// Owns: removing what is finished and old, one bounded chunk per transaction, on connections that no group waits for.
// Never: removes anything of a delivery that has no final answer (invariant I11), whatever the bound says.
//
// Every walk follows a key that grows with time: a statement looks at the next rows, removes those that may go, and
// says where it stopped.

import type { Whole } from '../columns.ts'
import { idBefore, type Value } from '../rows.ts'
import type { Retained, RetentionBounds } from '../upkeep-store.ts'
import type { Pool } from './pool.ts'

const ROWS_AT_ONCE = 1000
/** A content may be shared by a million messages; looking at all of them takes this statement seconds. */
const CONTENTS_AT_ONCE = 50
const PATIENCE_SECONDS = 120

interface Walk {
  /** `$1` is where the last chunk stopped, `$2` and so on the bounds. */
  readonly statement: string
  readonly from: Value
  readonly bounds: readonly Value[]
  readonly atOnce: number
}

interface ChunkRow {
  readonly removed: Whole
  readonly seen: Whole
  readonly last: Whole | null
}

/** `page` names what is looked at: its key as `key`, and whether it may go as `old`; `beside` goes with it. */
const walk = (page: string, removal: string, beside = ''): string => `
  WITH page AS MATERIALIZED (${page}),${beside}
  gone AS (${removal} RETURNING 1)
  SELECT (SELECT count(*) FROM gone) AS removed, count(*) AS seen, max(key) AS last FROM page`

const FINISHED = 'NOT EXISTS (SELECT FROM deliveries d WHERE d.id = $D AND d.finished_at IS NULL)'

const ATTEMPTS = walk(
  `SELECT a.delivery_id AS key, a.number, a.ended_at < $3::bigint AND ${FINISHED.replace('$D', 'a.delivery_id')} AS old
     FROM attempts a WHERE a.delivery_id > $1 AND a.delivery_id < $2
    ORDER BY a.delivery_id LIMIT ${ROWS_AT_ONCE}`,
  'DELETE FROM attempts a USING page p WHERE p.old AND a.delivery_id = p.key AND a.number = p.number',
)

const EVENTS = walk(
  `SELECT e.seq AS key, e.at < $2::bigint AND ${FINISHED.replace('$D', 'e.delivery_id')} AS old
     FROM events e WHERE e.seq > $1::bigint AND e.seq < (
       -- The log is in order of time but for the clock's jumps: the first young one is where the old ones end.
       SELECT coalesce(min(y.seq), 9223372036854775807) FROM (
         SELECT seq, at FROM events WHERE seq > $1::bigint ORDER BY seq LIMIT ${ROWS_AT_ONCE}) y
        WHERE y.at >= $2::bigint + 86400000)
    ORDER BY e.seq LIMIT ${ROWS_AT_ONCE}`,
  'DELETE FROM events e USING page p WHERE p.old AND e.seq = p.key',
)

const IDEMPOTENCY = walk(
  `SELECT created_at AS key, account_id, i.key AS name, true AS old FROM idempotency i
    WHERE created_at >= $1::bigint AND created_at < $2::bigint ORDER BY created_at LIMIT ${ROWS_AT_ONCE}`,
  'DELETE FROM idempotency i USING page p WHERE i.account_id = p.account_id AND i.key = p.name',
)

const OWED = (bound: string): string => `
  EXISTS (SELECT FROM deliveries d WHERE d.id > m.id || '.' AND d.id < m.id || '/'
             AND (d.finished_at IS NULL OR d.finished_at >= ${bound}::bigint))`

/** What a message adds to a shared content, the data of one person, goes by the end of that message alone. */
const CONTENTS = walk(
  `SELECT c.id AS key, NOT EXISTS (
            SELECT FROM messages m WHERE m.content_id = c.id AND ${OWED('$3')}) AS old
     FROM contents c WHERE c.id > $1 AND c.id < $2 ORDER BY c.id LIMIT ${CONTENTS_AT_ONCE}`,
  'DELETE FROM contents c USING page p WHERE p.old AND c.id = p.key',
  ` words AS (
    UPDATE messages m SET fill = NULL FROM page p
     WHERE m.content_id = p.key AND m.fill IS NOT NULL AND NOT ${OWED('$3')}),`,
)

/** A message goes with its deliveries once nothing else of it is kept; ways out of it stay. */
const MESSAGES = `
  WITH page AS MATERIALIZED (
    SELECT m.id AS key,
           NOT EXISTS (SELECT FROM contents c WHERE c.id = m.content_id)
       AND NOT EXISTS (SELECT FROM events e WHERE e.message_id = m.id)
       AND NOT EXISTS (SELECT FROM attempts a WHERE a.delivery_id > m.id || '.' AND a.delivery_id < m.id || '/')
       AND NOT ${OWED('$3')} AS old
      FROM messages m WHERE m.id > $1 AND m.id < $2 ORDER BY m.id LIMIT ${ROWS_AT_ONCE}),
  leaves AS (
    INSERT INTO ways_out (delivery_id, account_id, recipient, signing_domain, list)
    SELECT d.id, d.account_id, d.recipient, m.signing_domain, m.wishes::json ->> 'list'
      FROM page p JOIN messages m ON m.id = p.key
      JOIN deliveries d ON d.id > p.key || '.' AND d.id < p.key || '/'
     WHERE p.old AND d.state = 'delivered' AND m.mode = 'live' AND m.wishes LIKE '%"unsubscribe":true%'
    ON CONFLICT DO NOTHING),
  parts AS (
    DELETE FROM deliveries d USING page p WHERE p.old AND d.id > p.key || '.' AND d.id < p.key || '/'),
  gone AS (DELETE FROM messages m USING page p WHERE p.old AND m.id = p.key RETURNING 1)
  SELECT (SELECT count(*) FROM gone) AS removed, count(*) AS seen, max(key) AS last FROM page`

/** Lines in which nobody waits: they come back with the next who does. */
const LINES = walk(
  `SELECT id AS key, waiting = 0 AS old FROM lines WHERE id > $1::bigint ORDER BY id LIMIT ${ROWS_AT_ONCE}`,
  'DELETE FROM lines l USING page p WHERE p.old AND l.id = p.key AND l.waiting = 0',
)

/** Destinations without a line: only their provider is forgotten, and the next route brings it back. */
const DESTINATIONS = walk(
  `SELECT destination AS key, NOT EXISTS (SELECT FROM lines l WHERE l.destination = n.destination) AS old
     FROM destinations n WHERE destination > $1 ORDER BY destination LIMIT ${ROWS_AT_ONCE}`,
  'DELETE FROM destinations d USING page p WHERE p.old AND d.destination = p.key',
)

export async function retain(pool: Pool, bounds: RetentionBounds): Promise<Retained> {
  const { attemptsBefore, eventsBefore, contentBefore, idempotencyBefore } = bounds
  const all = Math.min(attemptsBefore, eventsBefore, contentBefore)
  const rows = { from: '', atOnce: ROWS_AT_ONCE }
  const attempts = await run(pool, {
    ...rows,
    statement: ATTEMPTS,
    bounds: [idBefore('msg', attemptsBefore), attemptsBefore],
  })
  const events = await run(pool, { ...rows, statement: EVENTS, from: 0, bounds: [eventsBefore] })
  await run(pool, { ...rows, statement: IDEMPOTENCY, from: 0, bounds: [idempotencyBefore] })
  const contents = await run(pool, {
    from: '',
    atOnce: CONTENTS_AT_ONCE,
    statement: CONTENTS,
    bounds: [idBefore('cnt', contentBefore), contentBefore],
  })
  const messages = await run(pool, { ...rows, statement: MESSAGES, bounds: [idBefore('msg', all), all] })
  await run(pool, { ...rows, statement: LINES, from: Number.MIN_SAFE_INTEGER, bounds: [] })
  await run(pool, { ...rows, statement: DESTINATIONS, bounds: [] })
  return { attempts, events, contents, messages }
}

async function run(pool: Pool, { statement, from, bounds, atOnce }: Walk): Promise<number> {
  let removed = 0
  let last = from
  for (;;) {
    const start = last
    const [row] = await pool.transact(async (tx) => {
      // Nothing is owed to anybody here: what a power cut brings back is removed the next time.
      await tx.run(`SET LOCAL statement_timeout = '${PATIENCE_SECONDS}s'`)
      await tx.run('SET LOCAL synchronous_commit = off')
      return tx.run<ChunkRow>(statement, [start, ...bounds])
    }, PATIENCE_SECONDS * 1000)
    removed += Number(row?.removed ?? 0)
    if (!row || row.last === null || Number(row.seen) < atOnce) return removed
    last = typeof from === 'number' ? Number(row.last) : String(row.last)
  }
}
