//
// Owns: how many questions go out in one burst. A socket buffer holds some two hundred datagrams; a restart with a
// long queue asks thousands of names at once, and what does not fit is lost and missed two seconds later.
// Never: lets hung names hold up the others: who waits long gives the place to the next and goes on waiting.

import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'

const PLACES = 100
/** By then a datagram has been read by its receiver or was lost: it fills no buffer any more. */
const HELD: Milliseconds = 200

export class Gate {
  readonly #clock: Clock
  readonly #queue: (() => void)[] = []
  #taken = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async pass<Value>(work: () => Promise<Value>): Promise<Value> {
    // A place is handed from one to the next, so nobody can slip in between.
    if (this.#taken >= PLACES) await new Promise<void>((go) => this.#queue.push(go))
    else this.#taken += 1
    let held = true
    const giveBack = (): void => {
      if (!held) return
      held = false
      const next = this.#queue.shift()
      if (next) next()
      else this.#taken -= 1
    }
    const cancel = this.#clock.after(HELD, giveBack)
    try {
      return await work()
    } finally {
      cancel()
      giveBack()
    }
  }
}
