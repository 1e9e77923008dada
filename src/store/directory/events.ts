//
// Owns: EventStore for both engines. An account's log may hold millions of rows, and no index knows what filters ask for:
// it is gone through in slices, and between two of them others have their turn.

import type { Selectable } from 'kysely'
import type { AccountId, MessageId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import { HOUR, type Milliseconds } from '../../core/time.ts'
import type { EventAsk, EventMessage, EventStore } from '../event-store.ts'
import { compilerFor, type Executor, listStatement, places, type Query } from '../executor.ts'
import { cursorOf, placeOf } from '../log.ts'
import { logEventOfRow } from '../log-rows.ts'
import { LOG_START, type LogCursor, type LogEntry } from '../log-store.ts'
import { customOf, tagsOf } from '../rows.ts'
import type { Store } from '../store.ts'
import type { EventTable } from '../tables.ts'

type Engine = Store['engine']
type Row = Selectable<EventTable> & { readonly xid: string }

/** Rows that are looked through at once: some milliseconds of the thread that serves everybody. */
const SLICE = 2000
/** Then whoever asks is told where to go on. */
const MAX_SLICES = 50
/** An event may be committed so much later than it happened, and clocks may be set so far. */
const SLACK: Milliseconds = HOUR

const COLUMNS = 'seq, id, account_id, message_id, delivery_id, recipient, type, at, body'

const TEXTS = {
  sqlite: {
    asc: `SELECT ${COLUMNS} FROM events WHERE account_id = ?1 AND seq > ?2 AND seq BETWEEN ?3 AND ?4 /**/
      ORDER BY seq LIMIT ?5`,
    desc: `SELECT ${COLUMNS} FROM events WHERE account_id = ?1 AND seq < ?2 AND seq BETWEEN ?3 AND ?4 /**/
      ORDER BY seq DESC LIMIT ?5`,
    end: 'SELECT seq FROM events ORDER BY seq DESC LIMIT 1',
    around: 'SELECT seq, at FROM events WHERE account_id = ? AND seq >= ? ORDER BY seq LIMIT 1',
    last: 'SELECT seq, at FROM events WHERE account_id = ? ORDER BY seq DESC LIMIT 1',
    message: 'AND message_id = ?6',
  },
  postgres: {
    asc: `SELECT ${COLUMNS}, xid::text AS xid FROM events
      WHERE account_id = $1 AND (xid, seq) > ($2::text::xid8, $3::bigint) AND seq BETWEEN $4::bigint AND $5::bigint
        AND xid < pg_snapshot_xmin(pg_current_snapshot()) /**/ ORDER BY events.xid, seq LIMIT $6::bigint`,
    desc: `SELECT ${COLUMNS}, xid::text AS xid FROM events
      WHERE account_id = $1 AND (xid, seq) < ($2::text::xid8, $3::bigint) AND seq BETWEEN $4::bigint AND $5::bigint
        AND xid < pg_snapshot_xmin(pg_current_snapshot()) /**/ ORDER BY events.xid DESC, seq DESC LIMIT $6::bigint`,
    end: `SELECT seq, xid::text AS xid FROM events WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY events.xid DESC, seq DESC LIMIT 1`,
    around: 'SELECT seq, at FROM events WHERE account_id = $1 AND seq >= $2::bigint ORDER BY seq LIMIT 1',
    last: 'SELECT seq, at FROM events WHERE account_id = $1 ORDER BY seq DESC LIMIT 1',
    message: 'AND message_id = $7',
  },
} as const

const MAX_SEQ = Number.MAX_SAFE_INTEGER
/** Beyond every transaction. */
const MAX_XID = '18446744073709551615'

interface Bounds {
  readonly low: number
  readonly high: number
}

function sliceQuery(
  engine: Engine,
  { account, messageId, order }: EventAsk,
  place: LogCursor,
  { low, high }: Bounds,
): Query<Row> {
  const sql = TEXTS[engine][order].replace('/**/', messageId === null ? '' : TEXTS[engine].message)
  const values = [account, ...placeOf(engine, place), low, high, SLICE]
  return { sql, values: messageId === null ? values : [...values, messageId] }
}

/** Before the first row, or behind the last. */
const edgeOf = (engine: Engine, order: EventAsk['order']): LogCursor =>
  (order === 'asc' ? '0' : engine === 'sqlite' ? `${MAX_SEQ}` : `${MAX_XID}.${MAX_SEQ}`) as LogCursor

/** About where in an account's log something happened: rows lie in the order of time, nearly. */
async function seqAround(
  engine: Engine,
  executor: Executor,
  { account, at }: { readonly account: AccountId; readonly at: Milliseconds },
): Promise<number> {
  const { around, last } = TEXTS[engine]
  const look = async (seq: number) =>
    (await executor.read<Row>({ sql: around, values: [account, seq] }))[0] ?? null
  const [newest] = await executor.read<Row>({ sql: last, values: [account] })
  const oldest = await look(0)
  if (newest === undefined || oldest === null || Number(newest.at) < at) return MAX_SEQ
  let low = Number(oldest.seq)
  let high = Number(newest.seq)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await look(middle)
    if (found === null || Number(found.at) >= at) high = middle
    else low = Number(found.seq) + 1
  }
  return low
}

export function eventsOn(engine: Engine, executor: Executor): EventStore {
  const db = compilerFor(engine)
  const facts = listStatement((size) =>
    db
      .selectFrom('messages')
      .select(['id', 'tags', 'custom', 'mode', 'from_mailbox', 'subject', 'stream', 'created_at'])
      .where('id', 'in', places(size)),
  )
  return {
    page: (ask) => paged(engine, executor, ask),
    async end() {
      const [row] = await executor.read<Row>({ sql: TEXTS[engine].end, values: [] })
      return row ? cursorOf(engine, row) : LOG_START
    },
    async messageFacts(ids) {
      const found = new Map<MessageId, EventMessage>()
      for (const query of facts([], ids)) {
        for (const row of await executor.read(query)) {
          found.set(row.id as MessageId, {
            tags: tagsOf(row.tags),
            custom: customOf(row.custom),
            mode: row.mode as Message['mode'],
            from: row.from_mailbox as Message['from'],
            subject: row.subject,
            stream: row.stream as Message['stream'],
            createdAt: Number(row.created_at),
          })
        }
      }
      return found
    },
  }
}

async function paged(
  engine: Engine,
  executor: Executor,
  ask: EventAsk,
): Promise<Awaited<ReturnType<EventStore['page']>>> {
  const { account, since, until } = ask
  const bounds: Bounds = {
    low: since === null ? 0 : await seqAround(engine, executor, { account, at: since - SLACK }),
    high: until === null ? MAX_SEQ : await seqAround(engine, executor, { account, at: until + SLACK }),
  }
  const entries: LogEntry[] = []
  let place = ask.after
  for (let slice = 0; slice < MAX_SLICES; slice++) {
    const rows = await executor.read<Row>(sliceQuery(engine, ask, place || edgeOf(engine, ask.order), bounds))
    for (const row of rows) {
      place = cursorOf(engine, row)
      if (!fits(ask, row)) continue
      entries.push({ cursor: place, event: logEventOfRow(row) })
      if (entries.length === ask.limit) return { entries, next: place, isEnd: false }
    }
    if (rows.length < SLICE) return { entries, next: place, isEnd: true }
    await new Promise((turn) => setImmediate(turn))
  }
  return { entries, next: place, isEnd: false }
}

const fits = ({ types, recipient, since, until, id }: EventAsk, row: Row): boolean =>
  (types.length === 0 || types.some((type) => type === row.type)) &&
  (recipient === null || row.recipient === recipient) &&
  (since === null || Number(row.at) >= since) &&
  (until === null || Number(row.at) < until) &&
  (id === undefined || row.id === id)
