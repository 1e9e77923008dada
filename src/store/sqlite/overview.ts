// Owns: the queue's totals. They read every destination that has somebody waiting: on the side thread only.

import type { Database } from 'bun:sqlite'
import type { Domain } from '../../core/address.ts'
import type { DueDestination, QueueOverview } from '../store.ts'

export interface DestinationRow {
  readonly destination: string
  readonly provider: string
  readonly next_due: number
  readonly waiting: number
}

export const dueOfRow = (row: DestinationRow): DueDestination => ({
  destination: row.destination as Domain,
  provider: row.provider,
  nextDueAt: Number(row.next_due),
  waiting: Number(row.waiting),
})

export function overviewOf(db: Database, limit: number): QueueOverview {
  const most = db.query<DestinationRow, [number]>(`
    SELECT destination, provider, next_due, waiting FROM destinations
     WHERE next_due IS NOT NULL ORDER BY waiting DESC, destination LIMIT ?`)
  const totals = db.query<{ waiting: number; leased: number; held: number }, []>(`
    SELECT (SELECT coalesce(sum(waiting), 0) FROM destinations WHERE next_due IS NOT NULL) AS waiting,
           (SELECT count(*) FROM leased) AS leased,
           (SELECT count(*) FROM deliveries WHERE state = 'held') AS held`)
  const total = totals.all()[0] ?? { waiting: 0, leased: 0, held: 0 }
  return { destinations: most.all(limit).map(dueOfRow), ...total }
}
