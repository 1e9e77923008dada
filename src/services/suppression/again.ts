//
// Owns: who took mail lately that had taken mail before, and at which provider: a receiver that takes mail and sends it
// back has "reached" the address by that very mail, so only this tells a lost address from one that never was.

import type { Milliseconds } from '../../core/time.ts'

export class Again {
  readonly #life: Milliseconds
  #now = new Map<number, string>()
  #before = new Map<number, string>()
  #begun = 0

  /** Kept for one `life` at least, for two at most. */
  constructor(life: Milliseconds) {
    this.#life = life
  }

  note(hash: number, provider: string, at: Milliseconds): void {
    this.#turn(at)
    this.#now.set(hash, provider)
  }

  providerOf(hash: number, at: Milliseconds): string | null {
    this.#turn(at)
    return this.#now.get(hash) ?? this.#before.get(hash) ?? null
  }

  #turn(at: Milliseconds): void {
    if (at - this.#begun < this.#life) return
    this.#before = at - this.#begun < 2 * this.#life ? this.#now : new Map()
    this.#now = new Map()
    this.#begun = at
  }
}
