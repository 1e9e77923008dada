// Owns: taking due deliveries of named destinations, oldest due first, and leasing them.

import type { Database } from 'bun:sqlite'
import { CLAIMED_COLUMNS, type ClaimedRow } from '../rows.ts'
import type { Boots } from './boots.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { ClaimOperation } from './wire.ts'

interface Due {
  readonly due_at: number
  readonly delivery_id: string
}

export function claiming(db: Database, line: WaitingLine, boots: Boots) {
  const due = db.prepare<Due, [string, number, number]>(`
    SELECT due_at, delivery_id FROM waiting
     WHERE destination = ? AND due_at <= ? ORDER BY due_at, delivery_id LIMIT ?`)
  const withMessage = db.prepare<ClaimedRow, [string]>(`
    SELECT ${CLAIMED_COLUMNS} FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.id = ?`)

  return ({ asks, now, holder }: ClaimOperation): readonly ClaimedRow[] => {
    line.writeCounts()
    boots.meet(holder, now)
    const claimed: ClaimedRow[] = []
    for (const [destination, limit] of asks) {
      const rows = due.all(destination, now, limit)
      for (const { due_at, delivery_id } of rows) {
        line.leave(destination, due_at, delivery_id)
        const row = withMessage.all(delivery_id)[0]
        // Without its message nothing can be sent: it leaves the line, or it would stand at its head for ever.
        if (row === undefined) continue
        boots.lease(delivery_id, holder)
        claimed.push(row)
      }
      line.left(destination, rows.length)
    }
    return claimed
  }
}
