//
// Owns: what an operator does to many queued deliveries at once, page by page of the rows looked at, so that a filter
// which matches nothing among a million holds nobody up.
// Never: touches a leased delivery: an attempt may be under way. Rows are looked at without locks; what a node has
// claimed by the time we take it is not there any more and stays as it is.

import type { ForwardPath } from '../../core/address.ts'
import type { AccountId, DeliveryId, EventId, MessageId } from '../../core/ids.ts'
import type { Whole } from '../columns.ts'
import { droppedEvent, EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import { deliveryRange, orNull, type Value } from '../rows.ts'
import type { QueueCommand, QueueFilter } from '../store.ts'
import { asJson, insertMany, lookUp, recordOf, rowsAt } from './bulk.ts'
import { DestinationLedger } from './destinations.ts'
import type { Pool } from './pool.ts'
import type { Transaction } from './writer.ts'

const ROWS_AT_ONCE = 1000

const FOUND = `d.id AS delivery_id, d.destination, d.due_at, d.message_id, d.account_id, d.recipient,
  (SELECT m.key_id FROM messages m WHERE m.id = d.message_id) AS key_id`

const WAITING_PAGE = `
  WITH page AS (SELECT * FROM waiting WHERE (destination, due_at, delivery_id) > ($1, $2::bigint, $3)
                 ORDER BY destination, due_at, delivery_id LIMIT ${ROWS_AT_ONCE})
  SELECT ${FOUND} FROM page w JOIN deliveries d ON ${lookUp('d.id', 'w.delivery_id')}
   ORDER BY w.destination, w.due_at, w.delivery_id`

const WAITING_OF_MESSAGE = `
  SELECT ${FOUND} FROM deliveries d
    JOIN waiting w ON ${lookUp('w.destination', 'd.destination')} AND w.due_at = d.due_at AND w.delivery_id = d.id
   WHERE d.id > $1 AND d.id < $2 ORDER BY d.id LIMIT ${ROWS_AT_ONCE}`

const HELD_PAGE = `
  SELECT ${FOUND} FROM deliveries d WHERE d.state = 'held' AND d.id > $1
   ORDER BY d.id LIMIT ${ROWS_AT_ONCE}`

const LEAVE = `
  DELETE FROM waiting w USING ${rowsAt('$1', 'r', ['destination', 'due_at', 'delivery_id'])}
   WHERE ${lookUp('w.destination', 'r.destination')} AND w.due_at = r.due_at AND w.delivery_id = r.delivery_id
  RETURNING w.delivery_id`

/** `$5` is the state it must have: between our look and now a held one may have been released. */
const SET = `
  UPDATE deliveries d SET state = $2, due_at = $3::bigint, finished_at = $4::bigint
    FROM ${rowsAt('$1', 'r', ['delivery_id'])} WHERE ${lookUp('d.id', 'r.delivery_id')} AND d.state = $5
  RETURNING d.id AS delivery_id`

const JOIN = `
  INSERT INTO waiting (destination, due_at, delivery_id)
  SELECT destination, $2::bigint, delivery_id FROM ${rowsAt('$1', 'r', ['destination', 'delivery_id'])}`

interface FoundRow {
  readonly delivery_id: DeliveryId
  readonly destination: string
  readonly due_at: Whole | null
  readonly message_id: MessageId
  readonly account_id: AccountId
  readonly recipient: ForwardPath
  readonly key_id: string | null
}

type Order = { readonly filter: QueueFilter; readonly now: number } & (
  | { readonly command: QueueCommand }
  | { readonly command: 'drop'; readonly eventId: () => EventId }
)

type Line = 'waiting' | 'held'
const LINES: Readonly<Record<Order['command'], readonly Line[]>> = {
  retry: ['waiting'],
  hold: ['waiting'],
  release: ['held'],
  drop: ['waiting', 'held'],
}

export async function command(pool: Pool, order: Order): Promise<number> {
  let moved = 0
  for (const line of LINES[order.command]) {
    let last: FoundRow | null = null
    do {
      const page: Page = await pool.transact((tx) => movePage(tx, order, line, last))
      moved += page.moved
      last = page.last
    } while (last)
  }
  return moved
}

interface Page {
  readonly moved: number
  /** Where the next page begins; null after the last one. */
  readonly last: FoundRow | null
}

async function movePage(tx: Transaction, order: Order, line: Line, after: FoundRow | null): Promise<Page> {
  const rows = await readPage(tx, order.filter, line, after)
  const found = rows.filter((row) => matches(row, order.filter))
  // What is due already need not be moved; it counts as asked for.
  const moving = order.command === 'retry' ? found.filter((row) => Number(row.due_at) > order.now) : found
  const moved = moving.length > 0 ? await move(tx, order, line, moving) : 0
  const last = rows[rows.length - 1] ?? null
  const { destination } = order.filter
  const passed =
    line === 'waiting' && destination !== undefined && last !== null && last.destination > destination
  return { moved: found.length - moving.length + moved, last: passed ? null : last }
}

function readPage(tx: Transaction, filter: QueueFilter, line: Line, after: FoundRow | null) {
  if (line === 'held') return tx.run<FoundRow>(HELD_PAGE, [after?.delivery_id ?? ''])
  if (filter.messageId !== undefined) {
    const { low, high } = deliveryRange(filter.messageId)
    return tx.run<FoundRow>(WAITING_OF_MESSAGE, [after?.delivery_id ?? low, high])
  }
  const start: readonly Value[] = after
    ? [after.destination, Number(after.due_at), after.delivery_id]
    : [filter.destination ?? '', -1, '']
  return tx.run<FoundRow>(WAITING_PAGE, start)
}

const matches = (row: FoundRow, { messageId, destination, accountId, keyId }: QueueFilter): boolean =>
  (messageId === undefined || row.message_id === messageId) &&
  (destination === undefined || row.destination === destination) &&
  (accountId === undefined || row.account_id === accountId) &&
  (keyId === undefined || row.key_id === keyId)

/** Returns how many were still there to be moved. */
async function move(tx: Transaction, order: Order, line: Line, rows: readonly FoundRow[]): Promise<number> {
  const { command, now } = order
  const queues = command === 'retry' || command === 'release'
  const next = queues ? 'queued' : command === 'hold' ? 'held' : 'cancelled'
  const times = [queues ? now : null, next === 'cancelled' ? now : null]
  const taken = line === 'waiting' ? await tx.run<TakenRow>(LEAVE, [jsonOf(rows)]) : rows
  const ours = only(rows, taken)
  const set = await tx.run<TakenRow>(SET, [jsonOf(ours), next, ...times, line === 'held' ? 'held' : 'queued'])
  const moved = only(ours, set)
  if (queues) await tx.run(JOIN, [jsonOf(moved), now])
  if (order.command === 'drop') await tx.run(TELL, [eventsOf(moved, order)])
  const ledger = new DestinationLedger()
  for (const { destination } of ours) if (line === 'waiting') ledger.went(destination)
  for (const { destination } of moved) if (queues) ledger.came(destination, now)
  await ledger.write(tx)
  return moved.length
}

const TELL = insertMany('events', EVENT_COLUMNS, '$1')

const eventsOf = (
  rows: readonly FoundRow[],
  { now, eventId }: { readonly now: number; readonly eventId: () => EventId },
): string =>
  asJson(
    rows.map(({ account_id: accountId, message_id: messageId, delivery_id: deliveryId, recipient }) => {
      const event = droppedEvent({ id: eventId(), accountId, messageId, deliveryId, recipient, at: now })
      return recordOf(EVENT_COLUMNS, eventValues(event))
    }),
  )

type TakenRow = Pick<FoundRow, 'delivery_id'>

const jsonOf = (rows: readonly FoundRow[]): string =>
  asJson(
    rows.map(({ delivery_id, destination, due_at }) => ({
      delivery_id,
      destination,
      due_at: orNull(due_at),
    })),
  )

function only(rows: readonly FoundRow[], kept: readonly TakenRow[]): readonly FoundRow[] {
  const ids = new Set(kept.map((row) => row.delivery_id))
  return rows.filter((row) => ids.has(row.delivery_id))
}
