//
// Owns: taking due deliveries for a holder. `SKIP LOCKED`: what another node takes at this moment is its own.

import { CLAIMED_COLUMNS, type ClaimedRow } from '../rows.ts'
import type { ClaimAsk, Holder } from '../store.ts'
import { asJson, lookUp, rowsAt } from './bulk.ts'
import type { DestinationLedger } from './destinations.ts'
import type { Transaction } from './writer.ts'

const TAKE = `
  WITH taken AS (
    SELECT w.destination, w.due_at, w.delivery_id
      FROM ${rowsAt('$1', 'a', ['destination', 'quota'])}
      JOIN destinations n ON ${lookUp('n.destination', 'a.destination')}
     CROSS JOIN LATERAL (
       SELECT * FROM waiting q
        WHERE q.destination = n.destination AND q.due_at >= n.next_due AND q.due_at <= $2::bigint
        ORDER BY q.due_at, q.delivery_id LIMIT a.quota FOR UPDATE SKIP LOCKED) w),
  gone AS (
    DELETE FROM waiting w USING taken t
     WHERE ${lookUp('w.destination', 't.destination')} AND w.due_at = t.due_at AND w.delivery_id = t.delivery_id),
  lent AS (INSERT INTO leased (delivery_id, node, boot) SELECT delivery_id, $3, $4 FROM taken
           ON CONFLICT DO NOTHING)
  SELECT t.destination AS line, ${CLAIMED_COLUMNS}
    FROM taken t LEFT JOIN deliveries d ON ${lookUp('d.id', 't.delivery_id')}
    LEFT JOIN messages m ON ${lookUp('m.id', 'd.message_id')}
   ORDER BY t.due_at, t.delivery_id`

type TakenRow = ClaimedRow & { readonly line: string }

export interface ClaimOrder {
  readonly asks: readonly ClaimAsk[]
  readonly now: number
}

export async function writeClaim(
  tx: Transaction,
  order: ClaimOrder,
  holder: Holder,
  ledger: DestinationLedger,
): Promise<readonly ClaimedRow[]> {
  const asks = order.asks.map(({ destination, limit }) => ({ destination, quota: limit }))
  const rows = await tx.run<TakenRow>(TAKE, [asJson(asks), order.now, holder.node, holder.boot])
  for (const row of rows) ledger.went(row.line)
  // Without its message nothing can be sent: it leaves the line, or it would stand at its head for ever.
  return rows.filter((row) => row.content_id !== null)
}
