//
// Owns: the kept counts of `lines` inside one transaction: what came and what went, written once at its end.
//
// Two rules keep them true without a lock that spans a network round trip more than needed. Every transaction locks its
// lines last and in the order of their numbers, so two nodes cannot wait for each other. And a least due time is read
// anew only after the lock, in a statement of its own: a statement sees nothing that was committed after it began, so
// one that both waited for the lock and counted would count the past. Since `next_due` is never later than the least
// due time that anybody can see, a search may begin there and step over what was claimed but not yet vacuumed.

import { asJson, lookUp, rowsAt } from './bulk.ts'
import type { Transaction } from './writer.ts'

/** A line without a row gets its key from one of those that came. */
const LOCK_AND_ADD = `
  INSERT INTO lines AS l (id, destination, rank, account_id, campaign, provider, waiting, next_due)
  SELECT c.line, d.destination, (m.stream IS NOT NULL AND m.stream = 'marketing')::int, d.account_id,
         coalesce(m.campaign, ''),
         coalesce((SELECT n.provider FROM destinations n WHERE n.destination = d.destination), ''),
         c.waiting, c.next_due
    FROM ${rowsAt('$1', 'c', ['line', 'sample', 'waiting', 'next_due'])}
    JOIN deliveries d ON ${lookUp('d.id', 'c.sample')}
    LEFT JOIN messages m ON ${lookUp('m.id', 'd.message_id')}
   ORDER BY c.line
  ON CONFLICT (id) DO UPDATE
     SET waiting = l.waiting + excluded.waiting, next_due = least(l.next_due, excluded.next_due)`

const FIND_LEAST_DUE = `
  UPDATE lines l
     SET next_due = (SELECT min(w.due_at) FROM waiting w WHERE w.line = l.id AND w.due_at >= l.next_due)
    FROM ${rowsAt('$1', 'c', ['line'])}
   WHERE ${lookUp('l.id', 'c.line')}`

interface Change {
  readonly line: number
  readonly sample: string
  waiting: number
  next_due: number | null
  left: boolean
}

export class LineLedger {
  readonly #changes = new Map<number, Change>()

  /** A delivery began to wait. */
  came(line: number, dueAt: number, deliveryId: string): void {
    const change = this.#of(line, deliveryId)
    change.waiting += 1
    change.next_due = change.next_due === null ? dueAt : Math.min(change.next_due, dueAt)
  }

  /** A waiting delivery was taken away. */
  went(line: number, deliveryId: string): void {
    const change = this.#of(line, deliveryId)
    change.waiting -= 1
    change.left = true
  }

  /** To be the last of its transaction. */
  async write(tx: Transaction): Promise<void> {
    if (this.#changes.size === 0) return
    const changes = [...this.#changes.values()]
    const left = changes.filter((change) => change.left)
    const sent = [tx.run(LOCK_AND_ADD, [asJson(changes.map(({ left: _, ...columns }) => columns))])]
    if (left.length > 0) sent.push(tx.run(FIND_LEAST_DUE, [asJson(left.map(({ line }) => ({ line })))]))
    await Promise.all(sent)
  }

  #of(line: number, sample: string): Change {
    const known = this.#changes.get(line)
    if (known) return known
    const change: Change = { line, sample, waiting: 0, next_due: null, left: false }
    this.#changes.set(line, change)
    return change
  }
}
