//
// Owns: looking at domains by the clock: each when it is its turn, a few at once, and on several nodes each by one.
// Never: what a look means (verification.ts).

import type { Clock, Log, Meter } from '../../core/ports.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { DomainStore, DueLook } from '../../store/domain-store.ts'
import type { Domains } from './domains.ts'

export interface RoundParts {
  readonly directory: Pick<DomainStore, 'dueLooks' | 'takeLook' | 'forgetDomains'>
  readonly domains: Pick<Domains, 'verify'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Of one turn; the longest due come first, and the next turn goes on. */
const MOST = 100
/** Each asks some dozens of questions. */
const AT_ONCE = 4
/** Who dies over a look leaves it to another turn. */
const LEASE: Milliseconds = 10 * MINUTE
/** Mail waits for five days and a signature is good for seven: by then nothing is left that a removed domain signs. */
const KEPT: Milliseconds = 14 * DAY

export class DomainRound {
  readonly #parts: RoundParts
  #stopped = false
  #forgotAt = Number.NEGATIVE_INFINITY

  constructor(parts: RoundParts) {
    this.#parts = parts
  }

  /** Once a minute. */
  async turn(): Promise<void> {
    const { clock, directory } = this.#parts
    const now = clock.now()
    if (clock.monotonic() - this.#forgotAt >= HOUR) {
      this.#forgotAt = clock.monotonic()
      await directory.forgetDomains(now - KEPT)
    }
    const due = [...(await directory.dueLooks(now, MOST))]
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#some(due)))
  }

  /** What is looked at now is finished, nothing else is begun. */
  stop(): void {
    this.#stopped = true
  }

  async #some(due: DueLook[]): Promise<void> {
    for (let next = due.shift(); next !== undefined && !this.#stopped; next = due.shift())
      await this.#one(next)
  }

  async #one(due: DueLook): Promise<void> {
    const { clock, directory, domains, log, meter } = this.#parts
    const taken = await directory.takeLook(due, clock.now() + LEASE)
    if (!taken.ok || !taken.value) return
    const done = await domains.verify(due.name, null)
    meter.count('domain_looks_total', 1, { end: done.ok ? 'done' : done.error })
    if (!done.ok && done.error !== 'not-found') {
      log.warn('a domain could not be looked at; it is tried again', { domain: due.name, reason: done.error })
    }
  }
}
