//
// Owns: finding what waits past its end: on the side thread, a page of the whole line at a time.
// Never: takes it; that is a claim like any other.

import type { Database } from 'bun:sqlite'
import type { DeliveryId } from '../../core/ids.ts'
import type { LineId } from '../line.ts'
import type { ExpiredAsk, ExpiredPage, Place } from '../store.ts'

/** Some 10 ms. */
const ROWS_AT_ONCE = 5000

interface Row {
  readonly line: number
  readonly due_at: number
  readonly delivery_id: string
  readonly over: number
}

export function expiredIn(db: Database, { now, after }: ExpiredAsk): ExpiredPage {
  const rows = db
    .query<Row, [number, number, string, number]>(`
      SELECT w.line, w.due_at, w.delivery_id, w.due_at <= ?4 AND m.expires_at <= ?4 AS over
        FROM (SELECT * FROM waiting WHERE (line, due_at, delivery_id) > (?1, ?2, ?3)
               ORDER BY line, due_at, delivery_id LIMIT ${ROWS_AT_ONCE}) w
        LEFT JOIN messages m ON m.id = substr(w.delivery_id, 1, instr(w.delivery_id, '.') - 1)`)
    .all(after?.line ?? Number.MIN_SAFE_INTEGER, after?.dueAt ?? 0, after?.deliveryId ?? '', now)
  const last = rows.length < ROWS_AT_ONCE ? undefined : rows[rows.length - 1]
  return { found: rows.filter((row) => row.over === 1).map(placeOf), next: last ? placeOf(last) : null }
}

const placeOf = (row: Row): Place => ({
  line: row.line as LineId,
  dueAt: row.due_at,
  deliveryId: row.delivery_id as DeliveryId,
})
