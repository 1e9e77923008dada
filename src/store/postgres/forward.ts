//
// Owns: bringing due times nearer after the clock was set back, a page of those that wait per transaction.
//
// When the clocks of several nodes are set back together, one of them does it: the server's clock says whether somebody
// has just done so.

import type { Whole } from '../columns.ts'
import { asJson, lookUp, rowsAt } from './bulk.ts'
import { LineLedger } from './lines.ts'
import type { Pool } from './pool.ts'
import type { Transaction } from './writer.ts'

const ROWS_AT_ONCE = 1000

const BE_THE_ONE = `
  INSERT INTO meta AS m (key, value) VALUES ('brought_forward', extract(epoch FROM clock_timestamp())::text)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value
   WHERE abs(excluded.value::double precision - m.value::double precision) > 300
  RETURNING key`

/** People named a scheduled time by the wall clock, right or wrong. */
const PAGE = `
  SELECT w.line, w.due_at, w.delivery_id, m.scheduled_at FROM (
    SELECT line, due_at, delivery_id FROM waiting WHERE (line, due_at, delivery_id) > ($1::bigint, $2::bigint, $3)
     ORDER BY line, due_at, delivery_id LIMIT ${ROWS_AT_ONCE}) w
    LEFT JOIN deliveries d ON ${lookUp('d.id', 'w.delivery_id')}
    LEFT JOIN messages m ON ${lookUp('m.id', 'd.message_id')} AND d.attempts = 0
   ORDER BY w.line, w.due_at, w.delivery_id`

const MOVE = `
  WITH given AS (SELECT * FROM ${rowsAt('$1', 'r', ['line', 'due_at', 'delivery_id', 'next_due'])}),
  gone AS (
    DELETE FROM waiting w USING given g
     WHERE ${lookUp('w.line', 'g.line')} AND w.due_at = g.due_at AND w.delivery_id = g.delivery_id
    RETURNING g.line, g.delivery_id, g.next_due),
  moved AS (
    UPDATE deliveries d SET due_at = g.next_due FROM gone g WHERE ${lookUp('d.id', 'g.delivery_id')} RETURNING 1),
  back AS (INSERT INTO waiting (line, due_at, delivery_id) SELECT line, next_due, delivery_id FROM gone)
  SELECT line, next_due AS due_at, delivery_id FROM gone`

interface Row {
  readonly line: Whole
  readonly due_at: Whole
  readonly delivery_id: string
  /** Only where a page is read. */
  readonly scheduled_at?: Whole | null
}

export async function bringForward(pool: Pool, now: number, back: number): Promise<number> {
  const mine = await pool.transact((tx) => tx.run(BE_THE_ONE))
  if (mine.length === 0) return 0
  let count = 0
  let after: Row | null = null
  do {
    const page: Page = await pool.transact((tx) => movePage(tx, { now, back, after }))
    count += page.count
    after = page.last
  } while (after)
  return count
}

interface Page {
  readonly count: number
  readonly last: Row | null
}

async function movePage(
  tx: Transaction,
  { now, back, after }: { readonly now: number; readonly back: number; readonly after: Row | null },
): Promise<Page> {
  const from = after
    ? [Number(after.line), Number(after.due_at), after.delivery_id]
    : [Number.MIN_SAFE_INTEGER, 0, '']
  const rows = await tx.run<Row>(PAGE, from)
  const last = rows.length < ROWS_AT_ONCE ? null : (rows[rows.length - 1] ?? null)
  const given = rows
    .map(({ line, due_at, delivery_id, scheduled_at }) => ({
      line: Number(line),
      due_at: Number(due_at),
      delivery_id,
      next_due: Math.max(now, Number(due_at) - back, Number(scheduled_at ?? 0)),
    }))
    .filter((row) => row.due_at > row.next_due)
  if (given.length === 0) return { count: 0, last }
  const moved = await tx.run<Row>(MOVE, [asJson(given)])
  const ledger = new LineLedger()
  for (const { line, due_at, delivery_id } of moved) {
    ledger.went(Number(line), delivery_id)
    ledger.came(Number(line), Number(due_at), delivery_id)
  }
  await ledger.write(tx)
  return { count: moved.length, last }
}
