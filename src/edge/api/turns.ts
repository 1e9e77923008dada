//
// Owns: whose turn it is while several batches are read: one slice of work at a time, account by account, and after a
// long one everybody else has the thread for as long.

import type { AccountId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'

/** So long others wait at most, but for one message's templates: they may be anything within their own limit. */
export const SLICE: Milliseconds = 5

export class Turns {
  readonly #clock: Pick<Clock, 'after'>
  /** In the order in which accounts have their turns. */
  readonly #waiting = new Map<AccountId, (() => void)[]>()
  #spent: Milliseconds = 0
  #isRunning = false

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /** After so much work: comes back when this account may go on. */
  next(account: AccountId, spent: Milliseconds): Promise<void> {
    this.#spent = Math.max(this.#spent, spent)
    return new Promise((resolve) => {
      const line = this.#waiting.get(account)
      if (line === undefined) this.#waiting.set(account, [resolve])
      else line.push(resolve)
      if (!this.#isRunning) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.size > 0) {
      // Behind what the last one did with its turn.
      await new Promise((done) => setImmediate(done))
      const owed = this.#spent - SLICE
      this.#spent = 0
      if (owed >= 1) await new Promise<void>((done) => this.#clock.after(owed, done))
      this.#call()
    }
    this.#isRunning = false
  }

  #call(): void {
    for (const [account, line] of this.#waiting) {
      const first = line.shift()
      this.#waiting.delete(account)
      if (line.length > 0) this.#waiting.set(account, line)
      first?.()
      return
    }
  }
}
