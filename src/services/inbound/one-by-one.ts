//
// Owns: large letters one after the other: reading, encoding and storing one takes several times its size for a moment,
// and sixteen of them at once took a gigabyte.

/** Octets that may wait, with the one that is dealt with. */
const MAX_WAITING_OCTETS = 64 * 1024 * 1024

export class OneByOne {
  #last: Promise<unknown> = Promise.resolve()
  #octets = 0

  /** Null: too much waits. */
  run<T>(octets: number, task: () => Promise<T>): Promise<T> | null {
    if (this.#octets + octets > MAX_WAITING_OCTETS) return null
    this.#octets += octets
    const done = this.#last.then(task).finally(() => {
      this.#octets -= octets
    })
    this.#last = done.catch(() => undefined)
    return done
  }
}
