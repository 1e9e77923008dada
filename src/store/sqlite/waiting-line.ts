//
// Owns: the tables `waiting` and `destinations`, which must agree: who waits, and the kept count and least due time per
// destination. Changes of one commit are gathered, so that a thousand rows of one destination update its counts once.

import type { Database } from 'bun:sqlite'

interface Change {
  count: number
  nextDue: number
}

export class WaitingLine {
  private readonly changes = new Map<string, Change>()
  private readonly insert
  private readonly remove
  private readonly addToDestination
  private readonly recount

  constructor(db: Database) {
    this.insert = db.prepare('INSERT INTO waiting (destination, due_at, delivery_id) VALUES (?, ?, ?)')
    this.remove = db.prepare('DELETE FROM waiting WHERE destination = ? AND due_at = ? AND delivery_id = ?')
    this.addToDestination = db.prepare(`
      INSERT INTO destinations (destination, next_due, waiting) VALUES (?, ?, ?)
      ON CONFLICT (destination) DO UPDATE SET
        waiting = waiting + excluded.waiting,
        next_due = min(coalesce(next_due, excluded.next_due), excluded.next_due)`)
    this.recount = db.prepare(`
      UPDATE destinations
         SET waiting = waiting - ?2,
             next_due = (SELECT min(due_at) FROM waiting WHERE destination = ?1)
       WHERE destination = ?1`)
  }

  join(destination: string, dueAt: number, deliveryId: string): void {
    this.insert.run(destination, dueAt, deliveryId)
    const change = this.changes.get(destination)
    if (change === undefined) {
      this.changes.set(destination, { count: 1, nextDue: dueAt })
      return
    }
    change.count += 1
    if (dueAt < change.nextDue) change.nextDue = dueAt
  }

  /** True if it stood there. The caller says `left` once per destination when it is done. */
  leave(destination: string, dueAt: number, deliveryId: string): boolean {
    return this.remove.run(destination, dueAt, deliveryId).changes > 0
  }

  left(destination: string, count: number): void {
    if (count > 0) this.recount.run(destination, count)
  }

  /** Before anything that reads the counts, and before the commit. */
  writeCounts(): void {
    if (this.changes.size === 0) return
    for (const [destination, change] of this.changes) {
      this.addToDestination.run(destination, change.nextDue, change.count)
    }
    this.changes.clear()
  }

  /** After a rollback: what was gathered never happened. */
  forget(): void {
    this.changes.clear()
  }
}
