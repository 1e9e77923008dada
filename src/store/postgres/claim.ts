//
// Owns: taking due deliveries for a holder. `SKIP LOCKED`: what another node takes at this moment is its own.

import type { Whole } from '../columns.ts'
import { CLAIMED_COLUMNS, type ClaimedRow } from '../rows.ts'
import type { ClaimAsk, Holder } from '../store.ts'
import { asJson, lookUp, rowsAt } from './bulk.ts'
import type { LineLedger } from './lines.ts'
import type { Transaction } from './writer.ts'

const OLDEST = `
    SELECT w.line, w.due_at, w.delivery_id
      FROM ${rowsAt('$1', 'a', ['line', 'quota'])}
      JOIN lines n ON ${lookUp('n.id', 'a.line')}
     CROSS JOIN LATERAL (
       SELECT * FROM waiting q
        WHERE q.line = n.id AND q.due_at >= n.next_due AND q.due_at <= $2::bigint
        ORDER BY q.due_at, q.delivery_id LIMIT a.quota FOR UPDATE SKIP LOCKED) w`

const NAMED = `
    SELECT w.line, w.due_at, w.delivery_id
      FROM ${rowsAt('$1', 'a', ['line', 'due_at', 'delivery_id'])}
     CROSS JOIN LATERAL (
       SELECT * FROM waiting q
        WHERE q.line = a.line AND q.due_at = a.due_at AND q.delivery_id = a.delivery_id
          AND q.due_at <= $2::bigint FOR UPDATE SKIP LOCKED) w`

const take = (which: string): string => `
  WITH taken AS (${which}),
  gone AS (
    DELETE FROM waiting w USING taken t
     WHERE ${lookUp('w.line', 't.line')} AND w.due_at = t.due_at AND w.delivery_id = t.delivery_id),
  lent AS (INSERT INTO leased (delivery_id, node, boot) SELECT delivery_id, $3, $4 FROM taken
           ON CONFLICT DO NOTHING)
  SELECT t.line, t.delivery_id, ${CLAIMED_COLUMNS}
    FROM taken t LEFT JOIN deliveries d ON ${lookUp('d.id', 't.delivery_id')}
    LEFT JOIN messages m ON ${lookUp('m.id', 'd.message_id')}
   ORDER BY t.due_at, t.delivery_id`

const TAKE_OLDEST = take(OLDEST)
const TAKE_NAMED = take(NAMED)

type TakenRow = ClaimedRow & { readonly line: Whole; readonly delivery_id: string }

export interface ClaimOrder {
  readonly asks: readonly ClaimAsk[]
  readonly now: number
}

export async function writeClaim(
  tx: Transaction,
  { asks, now }: ClaimOrder,
  holder: Holder,
  ledger: LineLedger,
): Promise<readonly ClaimedRow[]> {
  const some: Record<string, number>[] = []
  const named: Record<string, number | string>[] = []
  for (const ask of asks) {
    if ('limit' in ask) some.push({ line: ask.line, quota: ask.limit })
    else named.push({ line: ask.line, due_at: ask.dueAt, delivery_id: ask.deliveryId })
  }
  const rest = [now, holder.node, holder.boot]
  const rows = (
    await Promise.all([
      some.length > 0 ? tx.run<TakenRow>(TAKE_OLDEST, [asJson(some), ...rest]) : [],
      named.length > 0 ? tx.run<TakenRow>(TAKE_NAMED, [asJson(named), ...rest]) : [],
    ])
  ).flat()
  for (const row of rows) ledger.went(Number(row.line), row.delivery_id)
  // Without its message nothing can be sent: it leaves the line, or it would stand at its head for ever.
  return rows.filter((row) => row.content_id !== null)
}
