//
// Owns: how webhooks are doing, as far as this process remembers: how many posts each may have under way, and when one
// that failed may be asked again. So endpoints that hang hold back nobody's posts but their own. Pure.

import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'

/** To one that did not, or that was never asked: whether it answers is known after one. */
const UNPROVEN = 1
/** After the first, second, … failure in a row an endpoint rests; the last goes on. Each post has its own waits beside. */
const RESTS: readonly Milliseconds[] = [5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE]
/** Endpoints remembered; beyond it those that nothing is under way to are forgotten, and start anew. */
const MAX_KNOWN = 10_000

/** Posts under way to endpoints that failed the last time, all together: the other places are for who answers. */
const FAILING_AT_ONCE = 300

interface State {
  underWay: number
  /** In a row; null: never asked. */
  failures: number | null
  restsUntil: Milliseconds
}

export class Endpoints {
  readonly #states = new Map<string, State>()
  readonly #well: number
  /** Posts under way to those that failed the last time. */
  failing = 0

  /** `well`: posts under way to an endpoint that took the last one. */
  constructor(well: number) {
    this.#well = well
  }

  /** What is remembered from before the start: it failed, and may be asked once at any time. */
  failed(target: string): void {
    if (!this.#states.has(target)) this.#states.set(target, { underWay: 0, failures: 1, restsUntil: 0 })
  }

  begin(target: string): void {
    const state = this.#states.get(target) ?? { underWay: 0, failures: null, restsUntil: 0 }
    if (isFailing(state)) this.failing++
    state.underWay++
    this.#states.set(target, state)
    if (this.#states.size > MAX_KNOWN) this.#forget()
  }

  /** `answered`: it took the post; null: nothing was learned. It rests for `atLeast` where it said so itself. */
  end(target: string, answered: boolean | null, now: Milliseconds, atLeast: Milliseconds = 0): void {
    const state = this.#states.get(target)
    if (!state) return
    if (isFailing(state)) this.failing--
    state.underWay--
    if (answered === null) return
    // It was under way when another failed: an endpoint that fails thirty at once has failed once.
    if (!answered && isFailing(state) && state.restsUntil > now) {
      state.restsUntil = Math.max(state.restsUntil, now + atLeast)
      return
    }
    // What is still under way to it changes sides.
    if (isFailing(state)) this.failing -= state.underWay
    state.failures = answered ? 0 : (state.failures ?? 0) + 1
    if (isFailing(state)) this.failing += state.underWay
    const rest = Math.max(RESTS[Math.min(state.failures, RESTS.length) - 1] ?? 0, atLeast)
    state.restsUntil = answered ? 0 : now + rest
  }

  mayBegin(target: string, now: Milliseconds): boolean {
    const state = this.#states.get(target)
    if (!state) return true
    if (state.failures === 0) return state.underWay < this.#well
    if (isFailing(state) && this.failing >= FAILING_AT_ONCE) return false
    return state.underWay < UNPROVEN && state.restsUntil <= now
  }

  /** It took the last post. */
  isWell(target: string): boolean {
    return this.#states.get(target)?.failures === 0
  }

  /** Until when this one rests; a time that is past where it does not. */
  restsUntil(target: string): Milliseconds {
    return this.#states.get(target)?.restsUntil ?? 0
  }

  /** When the next one that rests, and has nothing under way, may be asked; null: none rests. */
  nextEndOfRest(now: Milliseconds): Milliseconds | null {
    let next: Milliseconds | null = null
    for (const { restsUntil, underWay } of this.#states.values()) {
      if (underWay === 0 && restsUntil > now && (next === null || restsUntil < next)) next = restsUntil
    }
    return next
  }

  #forget(): void {
    for (const [target, state] of this.#states) if (state.underWay === 0) this.#states.delete(target)
  }
}

const isFailing = ({ failures }: State): boolean => failures !== null && failures > 0
