//
// Owns: the tables `waiting` and `lines`, which must agree: who waits, and the kept count and least due time per line.
// Changes of one commit are gathered, so that a thousand rows of one line update its counts once.

import type { Database } from 'bun:sqlite'

interface Change {
  count: number
  nextDue: number
  /** One of those that came: a line that has no row gets its key from it. */
  readonly sample: string
}

export class WaitingLine {
  private readonly changes = new Map<number, Change>()
  private readonly insert
  private readonly remove
  private readonly addToLine
  private readonly addLine
  private readonly recount

  constructor(db: Database) {
    this.insert = db.prepare('INSERT INTO waiting (line, due_at, delivery_id) VALUES (?, ?, ?)')
    this.remove = db.prepare('DELETE FROM waiting WHERE line = ? AND due_at = ? AND delivery_id = ?')
    this.addToLine = db.prepare(`
      UPDATE lines SET waiting = waiting + ?3, next_due = min(coalesce(next_due, ?2), ?2) WHERE id = ?1`)
    this.addLine = db.prepare(`
      INSERT INTO lines (id, destination, rank, account_id, campaign, provider, next_due, waiting)
      SELECT ?1, d.destination, CASE WHEN m.stream = 'marketing' THEN 1 ELSE 0 END, d.account_id,
             coalesce(m.campaign, ''),
             coalesce((SELECT provider FROM destinations n WHERE n.destination = d.destination), ''), ?2, ?3
        FROM deliveries d LEFT JOIN messages m ON m.id = d.message_id WHERE d.id = ?4`)
    this.recount = db.prepare(`
      UPDATE lines SET waiting = waiting - ?2, next_due = (SELECT min(due_at) FROM waiting WHERE line = ?1)
       WHERE id = ?1`)
  }

  join(line: number, dueAt: number, deliveryId: string): void {
    this.insert.run(line, dueAt, deliveryId)
    const change = this.changes.get(line)
    if (change === undefined) {
      this.changes.set(line, { count: 1, nextDue: dueAt, sample: deliveryId })
      return
    }
    change.count += 1
    if (dueAt < change.nextDue) change.nextDue = dueAt
  }

  /** True if it stood there. The caller says `left` once per line when it is done. */
  leave(line: number, dueAt: number, deliveryId: string): boolean {
    return this.remove.run(line, dueAt, deliveryId).changes > 0
  }

  left(line: number, count: number): void {
    if (count > 0) this.recount.run(line, count)
  }

  /** Before anything that reads the counts, and before the commit. */
  writeCounts(): void {
    if (this.changes.size === 0) return
    for (const [line, { nextDue, count, sample }] of this.changes) {
      if (this.addToLine.run(line, nextDue, count).changes === 0) {
        this.addLine.run(line, nextDue, count, sample)
      }
    }
    this.changes.clear()
  }

  /** After a rollback: what was gathered never happened. */
  forget(): void {
    this.changes.clear()
  }
}
