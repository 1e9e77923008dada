//
// Owns: what each of our addresses has sent to each provider today and may send (warmup.ts), in memory, and bringing it
// into the store every few seconds: one row for many mails, no query per mail.
// Never: which mail it binds (queue/placement.ts).

import type { Clock, Log, Meter } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { StoredWarmup, WarmupStore } from '../../store/warmup-store.ts'
import { DayCount, type DayMemory } from './day.ts'
import type { OutgoingSource } from './outgoing.ts'
import { type Answered, after, coldOn, FIRST_BUDGET, onDay, roomOf, type Warmth } from './warmup.ts'

/** One of our addresses at one provider. */
export interface Standing {
  readonly source: OutgoingSource
  readonly provider: string
  warmth: Warmth
  /** Marketing mail that was given its place in the budget and has no answer yet. */
  underWay: number
  /** What is here differs from the store. */
  changed: boolean
}

export interface LedgerParts {
  readonly store: WarmupStore
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly sources: readonly OutgoingSource[]
  /** `delivery.warmup` is "auto". */
  readonly warmsUp: boolean
  /** Under which name the system's choice is stored: nodes that share a store send from addresses of their own. */
  readonly ownName: string
  /** Absent: a restart asks the wall clock what day it is. */
  readonly days?: DayMemory
}

const SAVE_EVERY: Milliseconds = 5 * SECOND
/** Rows per commit: what a writer takes in a few milliseconds. */
const ROWS = 500
/** A restart may forget fewer than this; most of the world's domains get one mail a day from anybody. */
const WORTH_A_ROW = 5
/** Days after which a cold row that never grew tells nothing. */
const FORGET_AFTER = 7

export class WarmupLedger {
  readonly #parts: LedgerParts
  readonly #days: DayCount
  readonly #standings = new Map<string, Map<string, Standing>>()
  /** Providers at which something had to wait today. */
  readonly #short = new Set<string>()
  #day: number
  #cancel: () => void = () => {}
  #stopped = false
  #saving: Promise<void> = Promise.resolve()

  constructor(parts: LedgerParts) {
    this.#parts = parts
    this.#days = new DayCount(parts.clock, parts.days)
    this.#day = this.#days.today()
    for (const source of parts.sources) this.#standings.set(source.name, new Map())
  }

  async start(): Promise<void> {
    const { store, log } = this.#parts
    this.#days.start()
    const forgotten = await store.forget(this.#day - FORGET_AFTER, FIRST_BUDGET)
    if (!forgotten.ok) log.warn('old rows of the warm-up ledger stay', { fault: forgotten.error })
    await this.load()
    this.#schedule()
  }

  /** What the store knows; nothing is written. */
  async load(): Promise<void> {
    const { store, sources } = this.#parts
    const byName = new Map(sources.map((source) => [this.#storedName(source), source]))
    for (const row of await store.all()) {
      const source = byName.get(row.source)
      // Of an address that was taken out of the configuration: the row stays for the day it comes back.
      if (source === undefined) continue
      const { provider, source: _address, ...warmth } = row
      this.#standings.get(source.name)?.set(provider, standingOf(source, provider, warmth))
    }
  }

  #storedName({ name }: OutgoingSource): string {
    return name === '' ? this.#parts.ownName : name
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#saving
    await this.#save(() => true)
  }

  /** Whether anything is counted for this address at all. */
  binds({ setting }: OutgoingSource, exempt: boolean): boolean {
    return setting.maxPerDay > 0 || (this.#parts.warmsUp && !setting.warm && !exempt)
  }

  /** As of today. */
  at(source: OutgoingSource, provider: string): Standing {
    const today = this.#today()
    let of = this.#standings.get(source.name)
    if (of === undefined) {
      of = new Map()
      this.#standings.set(source.name, of)
    }
    let standing = of.get(provider)
    if (standing === undefined) {
      standing = standingOf(source, provider, coldOn(today))
      of.set(provider, standing)
    }
    this.#bringUp(standing, today)
    return standing
  }

  /** How many marketing mails may still leave today. `exempt`: only what the operator said counts. */
  room({ source, warmth, underWay }: Standing, exempt: boolean): number {
    const { maxPerDay, warm } = source.setting
    const asWarmed = this.#parts.warmsUp && !warm && !exempt ? roomOf(warmth) : Number.POSITIVE_INFINITY
    const asTold = maxPerDay > 0 ? maxPerDay - warmth.sent : Number.POSITIVE_INFINITY
    return Math.max(0, Math.min(asWarmed, asTold) - underWay)
  }

  /** What a provider answered, whatever the stream. */
  answered(standing: Standing, answered: Answered): void {
    this.#bringUp(standing, this.#today())
    standing.warmth = after(standing.warmth, answered)
    standing.changed = true
  }

  /** Heard of later: a complaint about mail that this address sent there. */
  complained(provider: string, source: string | null): void {
    this.#heard(provider, source, 'complained')
  }

  /** A message that the provider took came back: the address does not exist. It was counted as sent then. */
  bounced(provider: string, source: string | null): void {
    const standing = this.#find(provider, source)
    if (standing === null) return
    const { warmth } = standing
    standing.warmth = { ...warmth, hardBounced: warmth.hardBounced + 1 }
    standing.changed = true
  }

  untilTomorrow(): Milliseconds {
    return this.#days.untilTomorrow()
  }

  /** Marketing mail found no room there. */
  ranShort(provider: string): void {
    this.#today()
    this.#short.add(provider)
  }

  /** Providers for which no address has room for marketing: the store need not be asked for it before tomorrow. */
  exhausted(): ReadonlySet<string> {
    this.#today()
    for (const provider of this.#short) if (!this.isExhausted(provider)) this.#short.delete(provider)
    return this.#short
  }

  isExhausted(provider: string): boolean {
    return this.#parts.sources.every((source) => {
      const standing = this.#standings.get(source.name)?.get(provider)
      return standing !== undefined && this.binds(source, false) && this.#roomNow(standing) === 0
    })
  }

  /** For the operator: the longest lists belong to a file, not to a table. */
  of(source: OutgoingSource): readonly Standing[] {
    const today = this.#today()
    const all = [...(this.#standings.get(source.name)?.values() ?? [])]
    for (const standing of all) this.#bringUp(standing, today)
    return all
  }

  #roomNow(standing: Standing): number {
    this.#bringUp(standing, this.#today())
    return this.room(standing, false)
  }

  #heard(provider: string, source: string | null, answered: Answered): void {
    const standing = this.#find(provider, source)
    if (standing !== null) this.answered(standing, answered)
  }

  /** Where the system chose the address, evidence still names it, and the ledger does not. */
  #find(provider: string, source: string | null): Standing | null {
    const of = this.#standings.get(source ?? '') ?? this.#standings.get('')
    const standing = of?.get(provider)
    if (standing === undefined) return null
    this.#bringUp(standing, this.#today())
    return standing
  }

  #bringUp(standing: Standing, today: number): void {
    const { warmth } = standing
    if (today <= warmth.day) return
    standing.warmth = onDay(warmth, today, this.#parts.clock.now())
    standing.changed = true
    if (standing.warmth.warmAt !== null && warmth.warmAt === null) {
      const { source, provider } = standing
      this.#parts.log.info('an outgoing address is warm', { source: source.name, provider })
    }
  }

  #today(): number {
    const today = this.#days.today()
    if (today === this.#day) return today
    this.#day = today
    this.#short.clear()
    this.#forgetYesterday(today)
    return today
  }

  /** Providers that got next to nothing leave the memory; who comes again starts where they were: at the beginning. */
  #forgetYesterday(today: number): void {
    for (const of of this.#standings.values()) {
      for (const [provider, standing] of of) {
        if (standing.underWay > 0 || (standing.changed && isWorthARow(standing.warmth))) continue
        const next = onDay(standing.warmth, today, 0)
        if (next.budget === FIRST_BUDGET && next.warmAt === null) of.delete(provider)
      }
    }
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#cancel = this.#parts.clock.after(SAVE_EVERY, () => {
      this.#saving = this.#save(isWorthARow).finally(() => this.#schedule())
    })
  }

  #rowOf({ source, provider, warmth }: Standing): StoredWarmup {
    return { ...warmth, source: this.#storedName(source), provider }
  }

  async #save(worth: (warmth: Warmth) => boolean): Promise<void> {
    const due: Standing[] = []
    const states = { cold: 0, warm: 0 }
    for (const of of this.#standings.values()) {
      for (const standing of of.values()) {
        states[standing.warmth.warmAt === null ? 'cold' : 'warm'] += 1
        if (standing.changed && worth(standing.warmth)) due.push(standing)
      }
    }
    for (const [state, count] of Object.entries(states)) {
      this.#parts.meter.gauge('warmup_standings', count, { state })
    }
    this.#parts.meter.gauge('warmup_exhausted_providers', this.exhausted().size)
    for (let from = 0; from < due.length; from += ROWS) await this.#write(due.slice(from, from + ROWS))
  }

  async #write(standings: readonly Standing[]): Promise<void> {
    for (const standing of standings) standing.changed = false
    const saved = await this.#parts.store.save(standings.map((each) => this.#rowOf(each))).catch((error) => {
      this.#parts.log.error('the warm-up ledger could not be saved', { error: String(error) })
      return null
    })
    if (saved?.ok) return
    for (const standing of standings) standing.changed = true
  }
}

const standingOf = (source: OutgoingSource, provider: string, warmth: Warmth): Standing => ({
  source,
  provider,
  warmth,
  underWay: 0,
  changed: false,
})

const isWorthARow = ({ budget, sent, blocked, complained, warmAt }: Warmth): boolean =>
  budget !== FIRST_BUDGET || warmAt !== null || sent >= WORTH_A_ROW || blocked > 0 || complained > 0
