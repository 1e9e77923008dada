//
// Owns: looking again and again for what is due: one look at a time, and one timer to the next; and what the looks began,
// until it ends or is called off.

import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'

export interface LookingParts {
  readonly clock: Pick<Clock, 'after'>
  /** Says when to look again. */
  readonly look: () => Promise<Milliseconds>
  /** After a look that failed. */
  readonly every: Milliseconds
  readonly onFault: (error: unknown) => void
}

export class Looking {
  readonly #parts: LookingParts
  readonly #abort = new AbortController()
  readonly #posts = new Set<Promise<void>>()
  #wanted = false
  #looks = false
  #looking: Promise<void> = Promise.resolve()
  #cancel = (): void => undefined

  constructor(parts: LookingParts) {
    this.#parts = parts
  }

  get isStopped(): boolean {
    return this.#abort.signal.aborted
  }

  /** For what is begun: it is called off at the stop. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get underWay(): number {
    return this.#posts.size
  }

  /** It is under way until it ends, and no more when `ended` hears of that. */
  begin(trying: Promise<void>, ended: () => void): void {
    const post = trying.finally(() => {
      this.#posts.delete(post)
      ended()
    })
    this.#posts.add(post)
  }

  /** There may be something: at once, or once more after the look that is under way. */
  wake(): void {
    this.#wanted = true
    if (this.isStopped || this.#looks) return
    this.#looks = true
    this.#cancel()
    this.#looking = this.#lookAround()
  }

  /** Resolves when the look under way has ended, and all that was begun. */
  async stop(): Promise<void> {
    this.#abort.abort()
    this.#cancel()
    await this.#looking
    await Promise.all(this.#posts)
  }

  async #lookAround(): Promise<void> {
    const { clock, every, look, onFault } = this.#parts
    let wait = every
    try {
      while (this.#wanted && !this.isStopped) {
        this.#wanted = false
        wait = await look()
      }
    } catch (error) {
      onFault(error)
    }
    this.#looks = false
    if (!this.isStopped) this.#cancel = clock.after(wait, () => this.wake())
  }
}
