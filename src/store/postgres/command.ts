//
// Owns: what an operator does to many queued deliveries at once, page by page of the rows looked at, so that a filter
// which matches nothing among a million holds nobody up.
// Never: touches a leased delivery: an attempt may be under way. Rows are looked at without locks; what a node has
// claimed by the time we take it is not there any more and stays as it is.

import type { ForwardPath } from '../../core/address.ts'
import type { AccountId, DeliveryId, EventId, MessageId } from '../../core/ids.ts'
import type { Whole } from '../columns.ts'
import { rankOf } from '../line.ts'
import { droppedEvent, EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import { deliveryRange, orNull } from '../rows.ts'
import type { QueueCommand, QueueFilter } from '../store.ts'
import { asJson, insertMany, lookUp, recordOf, rowsAt } from './bulk.ts'
import { LineLedger } from './lines.ts'
import type { Pool } from './pool.ts'
import type { Transaction } from './writer.ts'

const ROWS_AT_ONCE = 1000
/** Lines stepped over per transaction. */
const LINES_AT_ONCE = 5000

const FOUND = `d.id AS delivery_id, d.line, d.due_at, d.message_id, d.account_id, d.recipient,
  CASE WHEN d.attempts = 0 THEN (SELECT m.scheduled_at FROM messages m WHERE m.id = d.message_id) END AS scheduled_at`
/** $1 to $7, the same for every statement; null matches all. */
const MATCHES = `(($1::text IS NULL OR d.account_id = $1)
  AND ($2::text IS NULL OR (SELECT m.key_id FROM messages m WHERE m.id = d.message_id) = $2)
  AND ($3::text IS NULL OR d.message_id = $3)
  AND ($4::text IS NULL OR d.destination = $4)
  AND ($5::text IS NULL OR (SELECT n.provider FROM destinations n WHERE n.destination = d.destination) = $5)
  AND ($6::text IS NULL OR (SELECT m.campaign FROM messages m WHERE m.id = d.message_id) = $6)
  AND ($7::text IS NULL OR (SELECT m.stream FROM messages m WHERE m.id = d.message_id) = $7)) AS wanted`

/** Nearly all of a filter is said of whole lines: one that does not match is stepped over, however long it is. */
const NEXT_LINES = `
  SELECT id AS line, waiting > 0 AND ($1::text IS NULL OR account_id = $1) AND ($2::text IS NULL OR destination = $2)
         AND ($3::text IS NULL OR provider = $3) AND ($4::text IS NULL OR campaign = $4)
         AND ($5::bigint IS NULL OR rank = $5) AS wanted
    FROM lines WHERE id >= $6::bigint ORDER BY id LIMIT ${LINES_AT_ONCE}`

const WAITING_PAGE = `
  WITH page AS (
    SELECT w.* FROM ${rowsAt('$8', 'l', ['line'])} CROSS JOIN LATERAL (
      SELECT * FROM waiting q WHERE q.line = l.line AND (q.line, q.due_at, q.delivery_id) > ($9::bigint, $10::bigint, $11)
       ORDER BY q.due_at, q.delivery_id LIMIT ${ROWS_AT_ONCE}) w LIMIT ${ROWS_AT_ONCE})
  SELECT ${FOUND}, ${MATCHES} FROM page w JOIN deliveries d ON ${lookUp('d.id', 'w.delivery_id')}
   ORDER BY w.line, w.due_at, w.delivery_id`

const WAITING_OF_MESSAGE = `
  SELECT ${FOUND}, ${MATCHES} FROM deliveries d
    JOIN waiting w ON ${lookUp('w.line', 'd.line')} AND w.due_at = d.due_at AND w.delivery_id = d.id
   WHERE d.id > $8 AND d.id < $9 ORDER BY d.id LIMIT ${ROWS_AT_ONCE}`

const HELD_PAGE = `
  SELECT ${FOUND}, ${MATCHES} FROM deliveries d WHERE d.state = 'held' AND d.id > $8 AND d.id < $9
   ORDER BY d.id LIMIT ${ROWS_AT_ONCE}`

const LEAVE = `
  DELETE FROM waiting w USING ${rowsAt('$1', 'r', ['line', 'due_at', 'delivery_id'])}
   WHERE ${lookUp('w.line', 'r.line')} AND w.due_at = r.due_at AND w.delivery_id = r.delivery_id
  RETURNING w.delivery_id`

/** `$4` is the state it must have: between our look and now a held one may have been released. */
const SET = `
  UPDATE deliveries d SET state = $2, due_at = r.next_due, finished_at = $3::bigint
    FROM ${rowsAt('$1', 'r', ['delivery_id', 'next_due'])} WHERE ${lookUp('d.id', 'r.delivery_id')} AND d.state = $4
  RETURNING d.id AS delivery_id`

const JOIN = `
  INSERT INTO waiting (line, due_at, delivery_id)
  SELECT line, next_due, delivery_id FROM ${rowsAt('$1', 'r', ['line', 'next_due', 'delivery_id'])}`

interface FoundRow {
  readonly delivery_id: DeliveryId
  readonly line: Whole
  readonly due_at: Whole | null
  readonly message_id: MessageId
  readonly account_id: AccountId
  readonly recipient: ForwardPath
  /** Null once it was tried. */
  readonly scheduled_at: Whole | null
  readonly wanted: boolean
}

type Order = { readonly filter: QueueFilter; readonly now: number } & (
  | { readonly command: QueueCommand }
  | { readonly command: 'drop'; readonly eventId: () => EventId; readonly reason: string | undefined }
)

type Source = 'waiting' | 'held'
const SOURCES: Readonly<Record<Order['command'], readonly Source[]>> = {
  retry: ['waiting'],
  hold: ['waiting'],
  release: ['held'],
  drop: ['waiting', 'held'],
}

export async function command(pool: Pool, order: Order): Promise<number> {
  let moved = 0
  for (const source of SOURCES[order.command]) {
    let after: After | null = null
    do {
      const page: Page = await pool.transact((tx) => movePage(tx, order, source, after))
      moved += page.moved
      after = page.next
    } while (after)
  }
  return moved
}

/** Where the next page begins. */
interface After {
  readonly line: number
  readonly dueAt: number
  readonly id: string
}

interface Page {
  readonly moved: number
  /** Null after the last one. */
  readonly next: After | null
}

async function movePage(tx: Transaction, order: Order, source: Source, after: After | null): Promise<Page> {
  const { rows, next } = await readPage(tx, order.filter, source, after)
  // What is scheduled leaves at its time, whatever else is to be tried now.
  const isTooEarly = (row: FoundRow) => order.command === 'retry' && dueFrom(row, order.now) > order.now
  const found = rows.filter((row) => row.wanted && !isTooEarly(row))
  // What is due already need not be moved; it counts as asked for.
  const moving = order.command === 'retry' ? found.filter((row) => Number(row.due_at) > order.now) : found
  const moved = moving.length > 0 ? await move(tx, order, source, moving) : 0
  return { moved: found.length - moving.length + moved, next }
}

interface Look {
  readonly rows: readonly FoundRow[]
  readonly next: After | null
}

async function readPage(
  tx: Transaction,
  filter: QueueFilter,
  source: Source,
  after: After | null,
): Promise<Look> {
  const { messageId } = filter
  if (source === 'waiting' && messageId === undefined) return readLines(tx, filter, after)
  const wanted = wantedOf(filter)
  const { low, high } = messageId === undefined ? EVERYBODY : deliveryRange(messageId)
  const rows =
    source === 'held'
      ? await tx.run<FoundRow>(HELD_PAGE, [...wanted, after?.id ?? low, high])
      : await tx.run<FoundRow>(WAITING_OF_MESSAGE, [...wanted, after?.id ?? low, high])
  return { rows, next: endOf(rows) }
}

/** No id begins with a letter behind it. */
const EVERYBODY = { low: '', high: '\u{10ffff}' } as const

async function readLines(tx: Transaction, filter: QueueFilter, after: After | null): Promise<Look> {
  const { accountId, destination, provider, campaign, stream } = filter
  const rank = stream === undefined ? null : rankOf(stream)
  const lines = await tx.run<{ line: Whole; wanted: boolean }>(NEXT_LINES, [
    accountId ?? null,
    destination ?? null,
    provider ?? null,
    campaign ?? null,
    rank,
    after?.line ?? Number.MIN_SAFE_INTEGER,
  ])
  const wanted = lines.filter((one) => one.wanted).map(({ line }) => ({ line: Number(line) }))
  const from = [after?.line ?? Number.MIN_SAFE_INTEGER, after?.dueAt ?? 0, after?.id ?? '']
  const rows =
    wanted.length === 0
      ? []
      : await tx.run<FoundRow>(WAITING_PAGE, [...wantedOf(filter), asJson(wanted), ...from])
  const next = endOf(rows)
  if (next) return { rows, next }
  const last = lines.length < LINES_AT_ONCE ? undefined : lines[lines.length - 1]
  // Behind everything that can stand in that line.
  return { rows, next: last ? { line: Number(last.line), dueAt: Number.MAX_SAFE_INTEGER, id: '' } : null }
}

function endOf(rows: readonly FoundRow[]): After | null {
  const last = rows.length < ROWS_AT_ONCE ? undefined : rows[rows.length - 1]
  return last ? { line: Number(last.line), dueAt: Number(last.due_at), id: last.delivery_id } : null
}

const wantedOf = (filter: QueueFilter): readonly (string | null)[] => [
  filter.accountId ?? null,
  filter.keyId ?? null,
  filter.messageId ?? null,
  filter.destination ?? null,
  filter.provider ?? null,
  filter.campaign ?? null,
  filter.stream ?? null,
]

/** Returns how many were still there to be moved. */
async function move(
  tx: Transaction,
  order: Order,
  source: Source,
  rows: readonly FoundRow[],
): Promise<number> {
  const { command, now } = order
  const queues = command === 'retry' || command === 'release'
  const next = queues ? 'queued' : command === 'hold' ? 'held' : 'cancelled'
  const dueAt = (row: FoundRow) => (queues ? dueFrom(row, now) : null)
  const taken = source === 'waiting' ? await tx.run<TakenRow>(LEAVE, [jsonOf(rows, dueAt)]) : rows
  const ours = only(rows, taken)
  const set = await tx.run<TakenRow>(SET, [
    jsonOf(ours, dueAt),
    next,
    next === 'cancelled' ? now : null,
    source === 'held' ? 'held' : 'queued',
  ])
  const moved = only(ours, set)
  if (queues) await tx.run(JOIN, [jsonOf(moved, dueAt)])
  if (order.command === 'drop') await tx.run(TELL, [eventsOf(moved, order)])
  const ledger = new LineLedger()
  for (const { line, delivery_id } of ours) if (source === 'waiting') ledger.went(Number(line), delivery_id)
  for (const row of moved) if (queues) ledger.came(Number(row.line), dueFrom(row, now), row.delivery_id)
  await ledger.write(tx)
  return moved.length
}

/** The earliest time at which it may leave. */
const dueFrom = ({ scheduled_at }: FoundRow, now: number): number => Math.max(now, Number(scheduled_at ?? 0))

const TELL = insertMany('events', EVENT_COLUMNS, '$1')

const eventsOf = (
  rows: readonly FoundRow[],
  { now, eventId, reason }: Extract<Order, { readonly command: 'drop' }>,
): string =>
  asJson(
    rows.map(({ account_id: accountId, message_id: messageId, delivery_id: deliveryId, recipient }) => {
      const of = { id: eventId(), accountId, messageId, deliveryId, recipient, at: now }
      const event = droppedEvent(of, reason)
      return recordOf(EVENT_COLUMNS, eventValues(event))
    }),
  )

type TakenRow = Pick<FoundRow, 'delivery_id'>

const jsonOf = (rows: readonly FoundRow[], nextDue: (row: FoundRow) => number | null): string =>
  asJson(
    rows.map((row) => ({
      delivery_id: row.delivery_id,
      line: Number(row.line),
      due_at: orNull(row.due_at),
      next_due: nextDue(row),
    })),
  )

function only(rows: readonly FoundRow[], kept: readonly TakenRow[]): readonly FoundRow[] {
  const ids = new Set(kept.map((row) => row.delivery_id))
  return rows.filter((row) => ids.has(row.delivery_id))
}
