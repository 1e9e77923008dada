// Owns: taking due deliveries of named lines, oldest due first, or by name, and leasing them.

import type { Database } from 'bun:sqlite'
import { CLAIMED_COLUMNS, type ClaimedRow } from '../rows.ts'
import type { Boots } from './boots.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { ClaimOperation } from './wire.ts'

interface Due {
  readonly due_at: number
  readonly delivery_id: string
}

export function claiming(db: Database, waiting: WaitingLine, boots: Boots) {
  const due = db.prepare<Due, [number, number, number]>(`
    SELECT due_at, delivery_id FROM waiting
     WHERE line = ? AND due_at <= ? ORDER BY due_at, delivery_id LIMIT ?`)
  const withMessage = db.prepare<ClaimedRow, [string]>(`
    SELECT ${CLAIMED_COLUMNS} FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.id = ?`)

  return ({ asks, now, holder }: ClaimOperation): readonly ClaimedRow[] => {
    waiting.writeCounts()
    boots.meet(holder, now)
    const claimed: ClaimedRow[] = []
    const take = (line: number, rows: readonly Due[]): void => {
      let left = 0
      for (const { due_at, delivery_id } of rows) {
        if (!waiting.leave(line, due_at, delivery_id)) continue
        left += 1
        const row = withMessage.all(delivery_id)[0]
        // Without its message nothing can be sent: it leaves the line, or it would stand at its head for ever.
        if (row === undefined) continue
        boots.lease(delivery_id, holder)
        claimed.push(row)
      }
      waiting.left(line, left)
    }
    for (const ask of asks) {
      if (ask.length === 2) take(ask[0], due.all(ask[0], now, ask[1]))
      else take(ask[0], [{ due_at: ask[1], delivery_id: ask[2] }])
    }
    return claimed
  }
}
