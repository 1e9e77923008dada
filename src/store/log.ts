//
// Owns: reading the log in the order of commits, and keeping how far each follower has come.
// Never: what a follower makes of an event.
//
// SQLite has one writer: the numbers of its rows are the order of commits. On PostgreSQL numbers are drawn before the
// commit, so a row may appear below one that was read: there the order is (transaction, number), and only rows of
// transactions older than the oldest running one are told, for nothing can appear among those any more (decision 11).
// A long transaction of anybody in that cluster holds followers back; it cannot make them miss anything.

import type { Selectable } from 'kysely'
import { fault, ok } from '../core/result.ts'
import { settled } from './directory/writes.ts'
import { compilerFor, type Executor, type Query, type Statement, statement } from './executor.ts'
import { logEventOfRow } from './log-rows.ts'
import {
  LOG_START,
  type LogCursor,
  type LogEntry,
  type LogStep,
  type LogStore,
  type LogWish,
} from './log-store.ts'
import type { Store } from './store.ts'
import type { EventTable } from './tables.ts'

type Engine = Store['engine']
type Row = Selectable<EventTable> & { readonly xid: string }

const COLUMNS = 'seq, id, account_id, message_id, delivery_id, recipient, type, at, body'

const READ_SQLITE = `SELECT ${COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`

const READ_POSTGRES = `
  SELECT ${COLUMNS}, xid::text AS xid FROM events
   WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
   ORDER BY events.xid, seq LIMIT $3::bigint`

const BACK_SQLITE = `SELECT ${COLUMNS} FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT ?`

const BACK_POSTGRES = `
  SELECT ${COLUMNS}, xid::text AS xid FROM events
   WHERE (xid, seq) <= ($1::text::xid8, $2::bigint)
   ORDER BY events.xid DESC, seq DESC LIMIT $3::bigint`

/** Where a stretch of so many events ends, whatever they are. */
const LOOK_SQLITE = `SELECT count(*) AS looked, max(seq) AS seq
  FROM (SELECT seq FROM events WHERE seq > ? ORDER BY seq LIMIT ?)`

const LOOK_POSTGRES = `
  SELECT count(*) OVER () AS looked, xid::text AS xid, seq
    FROM (SELECT xid, seq FROM events
           WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
           ORDER BY events.xid, seq LIMIT $3::bigint) AS stretch
   ORDER BY stretch.xid DESC, seq DESC LIMIT 1`

const PICK_SQLITE = `SELECT ${COLUMNS} FROM events WHERE seq > ? AND seq <= ? AND WISH ORDER BY seq`

/** Nothing can appear in a stretch that was looked at before: its transactions have ended. */
const PICK_POSTGRES = `
  SELECT ${COLUMNS}, xid::text AS xid FROM events
   WHERE (xid, seq) > ($1::text::xid8, $2::bigint) AND (xid, seq) <= ($3::text::xid8, $4::bigint) AND WISH
   ORDER BY events.xid, seq`

const TEXTS = {
  sqlite: { on: READ_SQLITE, back: BACK_SQLITE, look: LOOK_SQLITE, pick: PICK_SQLITE },
  postgres: { on: READ_POSTGRES, back: BACK_POSTGRES, look: LOOK_POSTGRES, pick: PICK_POSTGRES },
} as const

/** The words are our own, of a closed list, and stand in the text: one statement for each wish. */
function wishText({ types, owedSuccess = false }: LogWish): string {
  const listed = `type IN (${types.map((type) => `'${type}'`).join(', ')})`
  // As `bodyOf` of log-rows.ts writes it. Reading the JSON of all deliveries is what this spares.
  return owedSuccess ? `(${listed} OR type = 'email.delivered' AND body LIKE '%"dsn":"owed"%')` : listed
}

/** A cursor as the values that statements compare rows with. */
export function placeOf(engine: Engine, place: LogCursor): readonly (string | number)[] {
  if (engine === 'sqlite') return [Number(place)]
  const [xid = '', seq = '0'] = place.split('.')
  return [xid === '' ? '0' : xid, Number(seq)]
}

const reading = <R = Row>(
  engine: Engine,
  way: 'on' | 'back' | 'look',
  place: LogCursor,
  limit: number,
): Query<R> => ({ sql: TEXTS[engine][way], values: [...placeOf(engine, place), limit] })

interface Looked extends Pick<Row, 'xid' | 'seq'> {
  readonly looked: number
}

export const cursorOf = (engine: Engine, row: Pick<Row, 'xid' | 'seq'>): LogCursor =>
  (engine === 'sqlite' ? String(row.seq) : `${row.xid}.${row.seq}`) as LogCursor

/**
 * Says how far a follower has come. A section of the store that writes a follower's effects writes this with them, in
 * one commit: then each event has its effect once.
 */
export function cursorWrite(engine: Engine): (follower: string, cursor: LogCursor) => Query {
  const write: Statement<unknown> = statement(() =>
    compilerFor(engine)
      .insertInto('cursors')
      .values({ follower: '', position: '' })
      .onConflict((conflict) =>
        conflict.column('follower').doUpdateSet((is) => ({ position: is.ref('excluded.position') })),
      ),
  )
  return (follower, cursor) => write(follower, cursor)
}

/**
 * A follower's move, with proof: whoever else has moved that cursor meanwhile makes the whole commit fail, so that each
 * event has its effect once on however many nodes. The first statement takes the row's lock, so that the second sees
 * what another node has just committed; where that is not `from`, the second inserts the row once more, and the taken
 * key refuses the commit as `exists`.
 */
export function cursorStep(engine: Engine): (step: LogStep) => readonly Query[] {
  const [first, second] = engine === 'sqlite' ? ['?1', '?2'] : ['$1', '$2']
  const lock = `INSERT INTO cursors (follower, position) VALUES (${first}, ${second})
    ON CONFLICT (follower) DO UPDATE SET position = cursors.position`
  const prove = `INSERT INTO cursors (follower, position)
    SELECT follower, position FROM cursors WHERE follower = ${first} AND position <> ${second}`
  const write = cursorWrite(engine)
  return ({ follower, from, to }) => [
    { sql: lock, values: [follower, from] },
    { sql: prove, values: [follower, from] },
    write(follower, to),
  ]
}

export function logOn(engine: Engine, executor: Executor): LogStore {
  const write = cursorWrite(engine)
  const step = cursorStep(engine)
  const entriesOf = (rows: readonly Row[]): readonly LogEntry[] =>
    rows.map((row) => ({ cursor: cursorOf(engine, row), event: logEventOfRow(row) }))
  const find = statement(() =>
    compilerFor(engine).selectFrom('cursors').select('position').where('follower', '=', ''),
  )
  return {
    async read(after, limit): Promise<readonly LogEntry[]> {
      return entriesOf(await executor.read(reading(engine, 'on', after, limit)))
    },
    async pick(after, limit, wish) {
      const [end] = await executor.read(reading<Looked>(engine, 'look', after, limit))
      // Counting nothing gives a row on one engine, and none on the other.
      const looked = Number(end?.looked ?? 0)
      if (end === undefined || looked === 0) return { entries: [], looked: 0, to: after }
      const to = cursorOf(engine, end)
      const sql = TEXTS[engine].pick.replace('WISH', wishText(wish))
      const values = [...placeOf(engine, after), ...placeOf(engine, to)]
      return { entries: entriesOf(await executor.read<Row>({ sql, values })), looked, to }
    },
    async before(place, limit): Promise<readonly LogEntry[]> {
      return entriesOf(await executor.read(reading(engine, 'back', place, limit)))
    },
    async cursor(follower) {
      const [row] = await executor.read(find(follower))
      return (row?.position as LogCursor | undefined) ?? LOG_START
    },
    async saveCursor(follower, cursor) {
      return settled(await executor.write([write(follower, cursor)]))
    },
    async advance(move) {
      const written = await executor.write(step(move))
      if (written.ok) return ok('done')
      return written.error === 'exists' ? ok('overtaken') : fault(written.error)
    },
  }
}
