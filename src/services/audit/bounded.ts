//
// Owns: that what strangers cause does not fill the audit log: of each kind so many records a minute; the next one says
// how many were left out.

import { MINUTE, type Milliseconds } from '../../core/time.ts'

/** Of one user, or of all whom nobody knows. */
const A_MINUTE = 10
const REMEMBERED = 5000

interface Count {
  readonly since: Milliseconds
  readonly noted: number
  readonly left: number
}

export class Bounded {
  readonly #counts = new Map<string, Count>()

  /** Null: not this one. Else how many were left out before it. */
  take(name: string, now: Milliseconds): number | null {
    const before = this.#counts.get(name)
    const isOver = before === undefined || now - before.since >= MINUTE || now < before.since
    const count = isOver ? { since: now, noted: 0, left: before?.left ?? 0 } : before
    const isNoted = count.noted < A_MINUTE
    this.#counts.delete(name)
    this.#counts.set(
      name,
      isNoted ? { ...count, noted: count.noted + 1, left: 0 } : { ...count, left: count.left + 1 },
    )
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > REMEMBERED && oldest !== undefined) this.#counts.delete(oldest)
    return isNoted ? count.left : null
  }
}
