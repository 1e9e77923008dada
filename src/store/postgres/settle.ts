//
// Owns: writing what came of attempts. Taking the lease away is the first step and the fence: only what this very
// (node, boot) still held is changed, and the attempt and events of anything else are dropped with it.

import type { DeliveryId } from '../../core/ids.ts'
import type { Whole } from '../columns.ts'
import { ATTEMPT_COLUMNS, attemptValues, EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import type { Holder, Settlement } from '../store.ts'
import { asJson, type JsonValue, lookUp, recordOf, rowsAt } from './bulk.ts'
import type { LineLedger } from './lines.ts'
import type { Transaction } from './writer.ts'

/** `number` is null when it goes back untried. */
const NO_ATTEMPT: Record<string, null> = { number: null }
const CAME_COLUMNS = [...ATTEMPT_COLUMNS, 'state', 'due_at', 'finished_at', 'told'] as const

// An attempt number that was written before must not make the answer of a peer unrecordable: the later one stays.
const SETTLE = `
  WITH came AS (SELECT * FROM ${rowsAt('$1', 'r', CAME_COLUMNS)}),
  owned AS (
    DELETE FROM leased l USING came c
     WHERE ${lookUp('l.delivery_id', 'c.delivery_id')} AND l.node = $2 AND l.boot = $3
    RETURNING c.*),
  moved AS (
    UPDATE deliveries d
       SET state = o.state, attempts = d.attempts + (o.number IS NOT NULL)::int,
           due_at = o.due_at, finished_at = o.finished_at
      FROM owned o WHERE ${lookUp('d.id', 'o.delivery_id')}
    RETURNING d.id, d.line, d.due_at),
  back AS (
    INSERT INTO waiting (line, due_at, delivery_id)
    SELECT line, due_at, id FROM moved WHERE due_at IS NOT NULL
    ON CONFLICT DO NOTHING),
  tried AS (
    INSERT INTO attempts (${ATTEMPT_COLUMNS.join(', ')})
    SELECT ${ATTEMPT_COLUMNS.join(', ')} FROM owned WHERE number IS NOT NULL
    ON CONFLICT (delivery_id, number) DO UPDATE
       SET (${ATTEMPT_COLUMNS.join(', ')}) = ROW (excluded.*)),
  said AS (
    INSERT INTO events (${EVENT_COLUMNS.join(', ')})
    SELECT ${EVENT_COLUMNS.map((column) => `e.${column}`).join(', ')}
      FROM owned o CROSS JOIN LATERAL ${rowsAt('o.told', 'e', EVENT_COLUMNS)}
     WHERE o.told IS NOT NULL)
  SELECT id, line, due_at FROM moved`

interface MovedRow {
  readonly id: string
  readonly line: Whole
  readonly due_at: Whole | null
}

/** Returns the deliveries that were still held; the others are stale. */
export async function writeSettlements(
  tx: Transaction,
  settlements: readonly Settlement[],
  holder: Holder,
  ledger: LineLedger,
): Promise<ReadonlySet<DeliveryId>> {
  if (settlements.length === 0) return new Set()
  const rows = await tx.run<MovedRow>(SETTLE, [
    asJson(settlements.map(recordOfSettlement)),
    holder.node,
    holder.boot,
  ])
  for (const row of rows) if (row.due_at !== null) ledger.came(Number(row.line), Number(row.due_at), row.id)
  return new Set(rows.map((row) => row.id as DeliveryId))
}

function recordOfSettlement({ deliveryId, attempt, next, events }: Settlement): Record<string, JsonValue> {
  const record: Record<string, JsonValue> = attempt
    ? recordOf(ATTEMPT_COLUMNS, attemptValues(deliveryId, attempt))
    : { ...NO_ATTEMPT, delivery_id: deliveryId }
  record['state'] = next.state
  record['due_at'] = next.state === 'queued' ? next.dueAt : null
  record['finished_at'] = next.state === 'queued' || next.state === 'held' ? null : next.at
  record['told'] =
    events.length > 0 ? events.map((event) => recordOf(EVENT_COLUMNS, eventValues(event))) : null
  return record
}
