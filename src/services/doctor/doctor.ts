//
// Owns: going through all checks, each within its time, and what was found the last time.
// Never: what a check looks at.

import { CHECKS, type Check, type CheckState, type Checkup, type Diagnosis } from '../../core/diagnosis.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'

export type Depth = Checkup['depth']

export interface Look {
  readonly check: Check
  /** Without asking anybody beyond the name servers. */
  readonly quick: boolean
  run(depth: Depth): Promise<readonly Diagnosis[]>
}

export interface DoctorParts {
  readonly looks: readonly Look[]
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** The store is read from end to end by one of them; it has a limit of its own below this. */
const LONGEST: Milliseconds = 60 * SECOND

const RANK: Readonly<Record<CheckState, number>> = { fail: 0, warn: 1, unknown: 2, ok: 3 }

export class Doctor {
  readonly #parts: DoctorParts
  readonly #running = new Map<Depth, Promise<Checkup>>()
  readonly #next = new Map<Depth, Promise<Checkup>>()
  readonly #told = new Map<string, CheckState>()
  #last: Checkup | null = null

  constructor(parts: DoctorParts) {
    this.#parts = parts
  }

  /** The last that was gone through; a full one is not put aside for a quick one. */
  get last(): Checkup | null {
    return this.#last
  }

  /** What it says is of a moment after the call. Who comes while one is under way shares the next with all who wait:
   * nobody can make us knock at others' doors twice at once. */
  examine(depth: Depth): Promise<Checkup> {
    const running = this.#running.get(depth)
    if (running === undefined) return this.#begin(depth)
    const next = this.#next.get(depth) ?? this.#after(running, depth)
    this.#next.set(depth, next)
    return next
  }

  #begin(depth: Depth): Promise<Checkup> {
    const going = this.#go(depth).finally(() => this.#running.delete(depth))
    this.#running.set(depth, going)
    return going
  }

  async #after(running: Promise<Checkup>, depth: Depth): Promise<Checkup> {
    try {
      await running
    } catch {
      // Who asked for that one hears of it.
    }
    this.#next.delete(depth)
    return this.examine(depth)
  }

  /** A line for each trouble that is new or worse, and one when it has passed. */
  tell({ diagnoses }: Pick<Checkup, 'diagnoses'>): void {
    const { log } = this.#parts
    const now = new Map<string, CheckState>()
    for (const { ailment, check, fix, state, subject, why } of diagnoses) {
      if (ailment === null || state === 'unknown') continue
      const trouble = `${check} ${ailment} ${subject}`
      now.set(trouble, state)
      if (this.#told.get(trouble) === state) continue
      const fields = { check, ailment, subject, why, fix: fix.slice(0, 3).join(' | ') }
      if (state === 'fail') log.error('the doctor found: FAIL', fields)
      else log.warn('the doctor found: WARN', fields)
    }
    for (const trouble of this.#told.keys()) {
      // What was not looked at this time has not passed.
      const looked = diagnoses.some(
        ({ check, state }) => trouble.startsWith(`${check} `) && state !== 'unknown',
      )
      if (now.has(trouble)) continue
      if (looked) {
        this.#told.delete(trouble)
        log.info('what the doctor found has passed', { trouble })
      }
    }
    for (const [trouble, state] of now) this.#told.set(trouble, state)
  }

  async #go(depth: Depth): Promise<Checkup> {
    const { clock, looks, meter } = this.#parts
    const begin = clock.monotonic()
    const wanted = looks.filter(({ quick }) => quick || depth === 'full')
    const found = await Promise.all(wanted.map((look) => this.#within(look, depth)))
    const diagnoses = inOrder(found.flat())
    const checkup: Checkup = {
      at: clock.now(),
      took: Math.round(clock.monotonic() - begin),
      depth,
      diagnoses,
    }
    if (depth === 'full' || this.#last?.depth !== 'full') this.#last = checkup
    for (const state of ['ok', 'warn', 'fail', 'unknown'] as const) {
      const count = diagnoses.filter((one) => one.state === state).length
      meter.gauge('doctor_findings', count, { state })
    }
    return checkup
  }

  /** One that hangs or has a bug must not hide what the others saw. */
  async #within(look: Look, depth: Depth): Promise<readonly Diagnosis[]> {
    const { clock, log } = this.#parts
    let cancel = (): void => undefined
    const late = new Promise<readonly Diagnosis[]>((done) => {
      cancel = clock.after(LONGEST, () => done([unended(look.check, 'It did not end within a minute.')]))
    })
    try {
      return await Promise.race([look.run(depth), late])
    } catch (error) {
      log.error('a check of the doctor failed', { check: look.check, error: String(error) })
      return [
        unended(
          look.check,
          `It could not be made: ${error instanceof Error ? error.message : String(error)}.`,
        ),
      ]
    } finally {
      cancel()
    }
  }
}

const unended = (check: Check, why: string): Diagnosis => ({
  check,
  ailment: null,
  state: 'unknown',
  subject: check,
  why,
  fix: [],
  mendable: false,
})

const PLACES = Object.keys(CHECKS)

const inOrder = (diagnoses: readonly Diagnosis[]): readonly Diagnosis[] =>
  diagnoses.toSorted(
    (a, b) => PLACES.indexOf(a.check) - PLACES.indexOf(b.check) || RANK[a.state] - RANK[b.state],
  )
