//
// Owns: the kept counts of `destinations` inside one transaction: what came and what went, written once at its end.
//
// Two rules keep them true without a lock that spans a network round trip more than needed. Every transaction locks its
// destinations last and in byte order, so two nodes cannot wait for each other. And a least due time is read anew only
// after the lock, in a statement of its own: a statement sees nothing that was committed after it began, so one that
// both waited for the lock and counted would count the past. Since `next_due` is never later than the least
// due time that anybody can see, a search may begin there and step over what was claimed but not yet vacuumed.

import { asJson, lookUp, rowsAt } from './bulk.ts'
import type { Transaction } from './writer.ts'

const LOCK_AND_ADD = `
  INSERT INTO destinations AS d (destination, waiting, next_due)
  SELECT destination, waiting, next_due FROM ${rowsAt('$1', 'c', ['destination', 'waiting', 'next_due'])}
   ORDER BY destination COLLATE "C"
  ON CONFLICT (destination) DO UPDATE
     SET waiting = d.waiting + excluded.waiting, next_due = least(d.next_due, excluded.next_due)`

const FIND_LEAST_DUE = `
  UPDATE destinations d
     SET next_due = (SELECT min(w.due_at) FROM waiting w
                      WHERE w.destination = d.destination AND w.due_at >= d.next_due)
    FROM ${rowsAt('$1', 'c', ['destination'])}
   WHERE ${lookUp('d.destination', 'c.destination')}`

interface Change {
  readonly destination: string
  waiting: number
  next_due: number | null
  left: boolean
}

export class DestinationLedger {
  readonly #changes = new Map<string, Change>()

  /** A delivery began to wait. */
  came(destination: string, dueAt: number): void {
    const change = this.#of(destination)
    change.waiting += 1
    change.next_due = change.next_due === null ? dueAt : Math.min(change.next_due, dueAt)
  }

  /** A waiting delivery was taken away. */
  went(destination: string): void {
    const change = this.#of(destination)
    change.waiting -= 1
    change.left = true
  }

  /** To be the last of its transaction. */
  async write(tx: Transaction): Promise<void> {
    if (this.#changes.size === 0) return
    const changes = [...this.#changes.values()]
    const left = changes.filter((change) => change.left)
    const sent = [tx.run(LOCK_AND_ADD, [asJson(changes.map(({ left: _, ...columns }) => columns))])]
    if (left.length > 0)
      sent.push(tx.run(FIND_LEAST_DUE, [asJson(left.map(({ destination }) => ({ destination })))]))
    await Promise.all(sent)
  }

  #of(destination: string): Change {
    const known = this.#changes.get(destination)
    if (known) return known
    const change: Change = { destination, waiting: 0, next_due: null, left: false }
    this.#changes.set(destination, change)
    return change
  }
}
