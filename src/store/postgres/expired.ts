//
// Owns: finding what waits past its end, a page of the whole line at a time.
// Never: takes it; that is a claim like any other.

import type { DeliveryId } from '../../core/ids.ts'
import type { Whole } from '../columns.ts'
import type { LineId } from '../line.ts'
import type { ExpiredAsk, ExpiredPage, Place } from '../store.ts'
import { lookUp } from './bulk.ts'
import type { Pool } from './pool.ts'

const ROWS_AT_ONCE = 5000

const PAGE = `
  WITH page AS MATERIALIZED (
    SELECT * FROM waiting WHERE (line, due_at, delivery_id) > ($1::bigint, $2::bigint, $3)
     ORDER BY line, due_at, delivery_id LIMIT ${ROWS_AT_ONCE}),
  ended AS (
    SELECT line, due_at, delivery_id, false AS over FROM page
     ORDER BY line DESC, due_at DESC, delivery_id DESC LIMIT (SELECT (count(*) = ${ROWS_AT_ONCE})::int FROM page))
  SELECT p.line, p.due_at, p.delivery_id, true AS over
    FROM page p JOIN messages m ON ${lookUp('m.id', "split_part(p.delivery_id, '.', 1)")}
   WHERE p.due_at <= $4::bigint AND m.expires_at <= $4::bigint
  UNION ALL SELECT * FROM ended`

interface Row {
  readonly line: Whole
  readonly due_at: Whole
  readonly delivery_id: string
  /** False: the last one of a full page. */
  readonly over: boolean
}

export async function expiredOn(pool: Pool, { now, after }: ExpiredAsk): Promise<ExpiredPage> {
  const from = [after?.line ?? Number.MIN_SAFE_INTEGER, after?.dueAt ?? 0, after?.deliveryId ?? '']
  const rows = await pool.read<Row>({ sql: PAGE, values: [...from, now] })
  const last = rows.find((row) => !row.over)
  return { found: rows.filter((row) => row.over).map(placeOf), next: last ? placeOf(last) : null }
}

const placeOf = (row: Row): Place => ({
  line: Number(row.line) as LineId,
  dueAt: Number(row.due_at),
  deliveryId: row.delivery_id as DeliveryId,
})
