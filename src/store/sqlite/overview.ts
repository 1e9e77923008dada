// Owns: the queue's totals. They read every line that has somebody waiting: on the side thread only.

import type { Database } from 'bun:sqlite'
import type { Domain } from '../../core/address.ts'
import type { QueueOverview } from '../store.ts'

interface DestinationRow {
  readonly destination: string
  readonly provider: string
  readonly next_due: number
  readonly waiting: number
}

export function overviewOf(db: Database, limit: number): QueueOverview {
  const most = db.query<DestinationRow, [number]>(`
    SELECT destination, max(provider) AS provider, min(next_due) AS next_due, sum(waiting) AS waiting FROM lines
     WHERE next_due IS NOT NULL GROUP BY destination ORDER BY 4 DESC, destination LIMIT ?`)
  const said = db.query<{ diagnostic: string }, [string]>(`
    SELECT a.diagnostic FROM lines l
      JOIN waiting w ON w.line = l.id AND w.due_at = l.next_due JOIN attempts a ON a.delivery_id = w.delivery_id
     WHERE l.destination = ? AND l.next_due IS NOT NULL ORDER BY l.next_due, a.number DESC LIMIT 1`)
  const totals = db.query<{ waiting: number; leased: number; held: number }, []>(`
    SELECT (SELECT coalesce(sum(waiting), 0) FROM lines WHERE next_due IS NOT NULL) AS waiting,
           (SELECT count(*) FROM leased) AS leased,
           (SELECT count(*) FROM deliveries WHERE state = 'held') AS held`)
  const total = totals.all()[0] ?? { waiting: 0, leased: 0, held: 0 }
  const held = db.query<{ destination: string; held: number }, [number]>(`
    SELECT destination, count(*) AS held FROM deliveries WHERE state = 'held'
     GROUP BY destination ORDER BY 2 DESC, destination LIMIT ?`)
  const destinations = most.all(limit).map((row) => ({
    destination: row.destination as Domain,
    provider: row.provider,
    nextDueAt: row.next_due,
    waiting: row.waiting,
    lastError: said.all(row.destination)[0]?.diagnostic ?? null,
  }))
  const heldFor = total.held === 0 || limit === 0 ? [] : held.all(limit)
  return {
    destinations,
    ...total,
    heldFor: heldFor.map((row) => ({ ...row, destination: row.destination as Domain })),
  }
}
