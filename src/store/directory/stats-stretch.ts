//
// Owns: the statements that count a stretch of the log where it lies, for both engines: what the serving thread gets are
// the few things that happened, not the thousands of times that they did.
// Never: which of them counts as what.

import { SANDBOX_DOMAIN } from '../../core/message.ts'
import { HOUR, type Milliseconds } from '../../core/time.ts'
import type { Executor } from '../executor.ts'
import { placeOf } from '../log.ts'
import type { LogCursor } from '../log-store.ts'
import type { CountedMessage, StatGroup, StatStretch, StatsStore, StretchAsk, Taker } from '../stats-store.ts'
import type { Store } from '../store.ts'

type Engine = Store['engine']

interface EndRow {
  /** Null: nothing happened. */
  readonly place: string | number | null
  readonly events: number | string
  readonly last_at: number | string | null
}

interface GroupRow {
  readonly account_id: string
  readonly type: string
  readonly hour: number | string
  readonly signing_domain: string | null
  readonly stream: string | null
  readonly tags: string | null
  readonly campaign: string | null
  readonly taker: string | null
  readonly what: string | number | null
  readonly count: number | string
}

/** What concerns mail that somebody has taken, and does not say itself who. */
const LATER = `'email.complained', 'email.opened', 'email.clicked', 'email.unsubscribed'`
const OF_AN_ATTEMPT = `'email.delivered', 'email.deferred', 'email.bounced'`
const PLAYED = `@${SANDBOX_DOMAIN}`

const END_SQLITE = `SELECT max(seq) AS place, count(*) AS events, max(at) AS last_at
  FROM (SELECT seq, at FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2)`

const END_POSTGRES = `WITH next AS (
    SELECT xid, seq, at FROM events
     WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY events.xid, seq LIMIT $3::bigint)
  SELECT (SELECT xid::text || '.' || seq FROM next ORDER BY next.xid DESC, seq DESC LIMIT 1) AS place,
         count(*) AS events, max(at) AS last_at FROM next`

/** Nobody asks for more at once. */
const MOST_EVENTS = 10_000

/** PostgreSQL is told that they are few, or it may read all messages there are to find theirs. */
const STRETCH = {
  sqlite: '(SELECT * FROM events WHERE seq > ?1 AND seq <= ?2)',
  postgres: `(SELECT * FROM events
    WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND (xid, seq) <= ($3::text::xid8, $4::bigint)
    ORDER BY events.xid, seq LIMIT ${MOST_EVENTS})`,
} as const

/** By their place in the row: both engines take that. */
const ALIKE = '1, 2, 3, 4, 5, 6, 7, 8, 9'

function groupsText(engine: Engine, steps: readonly Milliseconds[]): string {
  const of = (...path: readonly string[]): string =>
    engine === 'sqlite' ? `(e.body->>'$.${path.join('.')}')` : `(e.body::json #>> '{${path.join(',')}}')`
  const elapsed = engine === 'sqlite' ? of('elapsed') : `${of('elapsed')}::numeric`
  const step = steps.map((end, place) => `WHEN ${elapsed} <= ${end} THEN '${place}'`).join(' ')
  const isMachine = engine === 'sqlite' ? '= 1' : "= 'true'"
  const machine = of('machine')
  const verdict = `CASE WHEN ${machine} ${isMachine} THEN '1' WHEN ${machine} IS NOT NULL THEN '0' END`
  return `SELECT e.account_id, e.type, e.at / ${HOUR} AS hour, m.signing_domain, m.stream, m.tags, m.campaign,
      CASE WHEN e.type IN (${LATER}) OR (e.type = 'email.bounced' AND ${of('late')} IS NOT NULL)
           THEN (SELECT a.via || ' ' || coalesce(a.mx, '') FROM attempts a
                  WHERE a.delivery_id = e.delivery_id AND a.outcome = 'delivered' LIMIT 1)
           WHEN e.type IN (${OF_AN_ATTEMPT})
           THEN coalesce(${of('peer', 'via')}, '') || ' ' || coalesce(${of('peer', 'mx')}, '') END AS taker,
      CASE e.type
        WHEN 'email.delivered' THEN CASE ${step} ELSE '${steps.length - 1}' END
        WHEN 'email.bounced' THEN ${of('failure', 'type')} || '.' || ${of('failure', 'reason')}
             || CASE WHEN ${of('late')} IS NULL THEN '' ELSE '.late' END
        WHEN 'email.opened' THEN ${verdict}
        WHEN 'email.clicked' THEN ${verdict} END AS what,
      count(*) AS count
    FROM ${STRETCH[engine]} e LEFT JOIN messages m ON m.id = e.message_id
   WHERE e.message_id <> '' AND (m.mode IS NULL OR m.mode = 'live')
     AND substr(e.recipient, length(e.recipient) - ${PLAYED.length - 1}) <> '${PLAYED}'
   GROUP BY ${ALIKE}`
}

export function stretchOn(engine: Engine, reader: Pick<Executor, 'read'>): StatsStore['stretch'] {
  let made: { readonly steps: StretchAsk['steps']; readonly text: string } | null = null
  return async ({ after, limit: wanted, steps }): Promise<StatStretch | null> => {
    const limit = Math.min(wanted, MOST_EVENTS)
    const from = placeOf(engine, after)
    const sql = engine === 'sqlite' ? END_SQLITE : END_POSTGRES
    const [end] = await reader.read<EndRow>({ sql, values: [...from, limit] })
    if (end === undefined || end.place === null) return null
    if (made?.steps !== steps) made = { steps, text: groupsText(engine, steps) }
    const to = String(end.place) as LogCursor
    const values = [...from, ...placeOf(engine, to)]
    const rows = await reader.read<GroupRow>({ sql: made.text, values })
    return { to, events: Number(end.events), lastAt: Number(end.last_at), groups: groupsOf(rows) }
  }
}

function groupsOf(rows: readonly GroupRow[]): readonly StatGroup[] {
  const tags = new Map<string, readonly string[]>()
  return rows.map((row) => ({
    accountId: row.account_id as StatGroup['accountId'],
    type: row.type as StatGroup['type'],
    hour: Number(row.hour) * HOUR,
    message: messageOf(row, tags),
    taker: takerOf(row.taker),
    what: row.what === null ? null : String(row.what),
    count: Number(row.count),
  }))
}

/** Most rows have the tags of others. */
function messageOf(row: GroupRow, known: Map<string, readonly string[]>): CountedMessage | null {
  if (row.signing_domain === null || row.tags === null) return null
  let tags = known.get(row.tags)
  if (tags === undefined) {
    tags = JSON.parse(row.tags) as string[]
    known.set(row.tags, tags)
  }
  return {
    signingDomain: row.signing_domain as CountedMessage['signingDomain'],
    stream: row.stream as CountedMessage['stream'],
    tags,
    campaign: row.campaign,
  }
}

function takerOf(text: string | null): Taker | null {
  if (text === null) return null
  const space = text.indexOf(' ')
  return { via: text.slice(0, space), mx: text.slice(space + 1) || null }
}
