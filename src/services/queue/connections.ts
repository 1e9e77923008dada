//
// Owns: how many connections may be at work over all lanes, so that those that hang cannot starve the others.
//
// A connection is a suspect while its lane has not delivered anything yet, while its lane is very slow, and from the time on
// at which it has hung.
// Suspects get at most half of all. A stranger's first connection is one of them, a second one only while few are there.

export class Connections {
  readonly #most: number
  #busy = 0
  #suspects = 0

  constructor(most: number) {
    this.#most = most
  }

  get busy(): number {
    return this.#busy
  }

  get suspects(): number {
    return this.#suspects
  }

  /** `others`: connections that the lane has at work already. */
  may(suspect: boolean, others: number): boolean {
    if (this.#busy >= this.#most) return false
    return !suspect || this.#suspects < (others === 0 ? this.#most / 2 : this.#most / 4)
  }

  take(suspect: boolean): void {
    this.#busy += 1
    if (suspect) this.#suspects += 1
  }

  give(suspect: boolean): void {
    this.#busy -= 1
    if (suspect) this.#suspects -= 1
  }

  /** One at work became a suspect, or ceased to be one. */
  turn(suspect: boolean): void {
    this.#suspects += suspect ? 1 : -1
  }
}
