//
// Owns: bringing due times nearer after the clock was set back, a chunk of those that wait per commit.

import type { Database } from 'bun:sqlite'
import type { WaitingLine } from './waiting-line.ts'
import { type Chunk, COMMAND_ROWS, type ForwardOperation, type Plain } from './wire.ts'

interface Row {
  readonly line: number
  readonly due_at: number
  readonly delivery_id: string
}

export function forwarding(db: Database, waiting: WaitingLine) {
  const page = db.prepare<Row, Plain[]>(`
    SELECT line, due_at, delivery_id FROM waiting WHERE (line, due_at, delivery_id) > (?, ?, ?)
     ORDER BY line, due_at, delivery_id LIMIT ${COMMAND_ROWS}`)
  const scheduledAt = db.prepare<{ at: number | null }, [string]>(`
    SELECT m.scheduled_at AS at FROM deliveries d JOIN messages m ON m.id = d.message_id
     WHERE d.id = ? AND d.attempts = 0`)
  const setDue = db.prepare('UPDATE deliveries SET due_at = ? WHERE id = ?')

  return ({ now, back, after }: ForwardOperation): Chunk<readonly Plain[]> => {
    waiting.writeCounts()
    const rows = page.all(...(after ?? [Number.MIN_SAFE_INTEGER, 0, '']))
    const left = new Map<number, number>()
    let count = 0
    for (const { line, due_at, delivery_id } of rows) {
      if (due_at <= now) continue
      // People named that time by the wall clock, right or wrong.
      const dueAt = Math.max(now, due_at - back, scheduledAt.all(delivery_id)[0]?.at ?? 0)
      if (dueAt >= due_at) continue
      waiting.leave(line, due_at, delivery_id)
      setDue.run(dueAt, delivery_id)
      waiting.join(line, dueAt, delivery_id)
      left.set(line, (left.get(line) ?? 0) + 1)
      count += 1
    }
    for (const [line, gone] of left) waiting.left(line, gone)
    const last = rows.length < COMMAND_ROWS ? undefined : rows[rows.length - 1]
    return { count, next: last ? [last.line, last.due_at, last.delivery_id] : null }
  }
}
