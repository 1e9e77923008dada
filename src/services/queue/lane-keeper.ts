//
// Owns: what is done for lanes by the clock: connections that hang are looked for, figures are shown, and what lanes
// have learnt is kept in the store, so that a restart does not press where it was told not to.
// Never: what they learn (shaping.ts).

import type { Clock, Log, Meter } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { LaneStateStore, StoredLane } from '../../store/lane-store.ts'
import type { Dispatcher } from './dispatcher.ts'
import { LaneFigures, laneReports } from './lane-report.ts'
import type { Lanes } from './lanes.ts'
import { REMEMBERED, type Remembered } from './shaping.ts'

export interface LaneKeeperParts {
  readonly lanes: Lanes
  readonly sweep: Dispatcher['sweep']
  readonly store: LaneStateStore
  readonly label: (provider: string) => string
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

const LOOK_EVERY: Milliseconds = SECOND
const SHOW_EVERY = 5
const SAVE_EVERY = 10

export class LaneKeeper {
  readonly #parts: LaneKeeperParts
  readonly #figures: LaneFigures
  /** What was saved of each lane, as its stamp. */
  readonly #saved = new Map<string, string>()
  #saving: Promise<void> = Promise.resolve()
  #cancel: () => void = () => {}
  #turn = 0

  constructor(parts: LaneKeeperParts) {
    this.#parts = parts
    this.#figures = new LaneFigures(parts.meter, parts.label)
  }

  /** Before anything is sent. What cannot be read is learnt anew. */
  async start(): Promise<void> {
    const { clock, lanes, log, store } = this.#parts
    try {
      await store.forget(clock.now() - REMEMBERED)
      for (const { provider, source, state } of await store.all()) {
        const kept = rememberedIn(state)
        if (kept !== null) lanes.recall(provider, source === '' ? null : source, kept)
      }
    } catch (error) {
      log.warn('what lanes had learnt could not be read', { error: String(error) })
    }
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#cancel()
    await this.#saving
    await this.#save()
  }

  #schedule(): void {
    this.#cancel = this.#parts.clock.after(LOOK_EVERY, () => {
      this.#turn += 1
      this.#parts.sweep()
      if (this.#turn % SHOW_EVERY === 0) this.#figures.show(laneReports(this.#parts.lanes, this.#parts.clock))
      if (this.#turn % SAVE_EVERY === 0) this.#saving = this.#saving.then(() => this.#save())
      this.#schedule()
    })
  }

  async #save(): Promise<void> {
    const { clock, lanes, log, store } = this.#parts
    const now = clock.monotonic()
    const wall = clock.now()
    const changed: StoredLane[] = []
    const stamps = new Map<string, string>()
    for (const { provider, shaping, source } of lanes.all()) {
      if (!shaping.isMarked(now)) continue
      const name = `${provider} ${source ?? ''}`
      const stamp = shaping.stamp(now)
      if (this.#saved.get(name) === stamp) continue
      stamps.set(name, stamp)
      const state = JSON.stringify(shaping.remember(now, wall))
      changed.push({ provider, source: source ?? '', state, updatedAt: wall })
    }
    if (changed.length === 0) return
    const done = await store.save(changed).catch((error: unknown) => ({ ok: false, error }) as const)
    if (done.ok) for (const [name, stamp] of stamps) this.#saved.set(name, stamp)
    else
      log.warn('what lanes have learnt could not be stored; it is tried again', { fault: String(done.error) })
  }
}

/** Null for what another version wrote and this one cannot read. */
function rememberedIn(json: string): Remembered | null {
  try {
    const kept: Partial<Remembered> = Object(JSON.parse(json))
    const { limit, paused_until, pause, pauses, pressed_at, rate, too_much, why } = kept
    const numbers = [limit, pauses, pressed_at, too_much]
    if (!numbers.every((value) => typeof value === 'number' && Number.isFinite(value))) return null
    if (pause !== null && pause !== 'blocked' && pause !== 'unreachable') return null
    if (paused_until !== null && typeof paused_until !== 'number') return null
    if (rate !== null && typeof rate !== 'number') return null
    return { ...(kept as Remembered), why: String(why ?? '') }
  } catch {
    return null
  }
}
