//
// Owns: what comes back about addresses, learned from the log: whom the list takes up, whose strikes count, and when a
// receiver's word is not believed. Effects and the follower's move are one commit.
// Never: what a single event says (verdict.ts), or when many are too many (anomaly.ts).

import { isOfMail } from '../../core/event.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Log, Meter } from '../../core/ports.ts'
import { ok, type Result } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { LogCursor, LogEntry, LogStep, LogStore, LogWish } from '../../store/log-store.ts'
import type { MessageStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { Strike, SuppressionStore } from '../../store/suppression-store.ts'
import { Again } from './again.ts'
import { ANOMALY_LIMITS, type AnomalyLimits, type Watch } from './anomaly.ts'
import { Reached } from './reached.ts'
import { recall } from './recall.ts'
import { type Anomaly, type Heard, Stretch, type Told } from './stretch.ts'
import { suppressionKey } from './suppression.ts'
import { TELLING, whatItSays } from './verdict.ts'

export interface LearningParts {
  readonly store: SuppressionStore
  /** What happened before this node looked. */
  readonly history: Pick<LogStore, 'read' | 'before' | 'advance'>
  readonly messages: Pick<MessageStore, 'get'>
  /** Under which name an MX host is known. */
  readonly providerOf: (mx: string) => string
  /** That an account has no entry is not to be believed any more. */
  readonly changed: (account: AccountId) => void
  readonly alert: (anomaly: Anomaly) => Promise<void>
  readonly log: Log
  readonly meter: Meter
  readonly options: { readonly hardBounce: Milliseconds; readonly limits?: AnomalyLimits }
}

/** Providers watched before those that are silent are let go of. */
const MAX_WATCHES = 1000

/** As `whatItSays` has it. */
const WISH: LogWish = { types: TELLING }

/** 53 bits of a standard hash: numbers that every engine and JSON carry; two addresses in 10^8 share one by chance. */
export const addressHash = (key: string): number => Number(Bun.hash.xxHash64(key) >> 11n)

export class Learning {
  readonly name = 'suppression'
  readonly wish = WISH
  readonly #parts: LearningParts
  readonly #limits: AnomalyLimits
  #watches = new Map<string, Watch>()
  #reached: Reached | null = null
  readonly #again: Again
  /** Up to here the watches know everything. */
  #seenTo: LogCursor | null = null
  readonly #toldOn = new Map<string, number>()

  constructor(parts: LearningParts) {
    this.#parts = parts
    this.#limits = parts.options.limits ?? ANOMALY_LIMITS
    this.#again = new Again(this.#limits.window)
  }

  async handle(
    entries: readonly LogEntry[],
    step: LogStep,
  ): Promise<Result<'done' | 'overtaken', StoreFault>> {
    if (entries.length === 0) return this.#pass(step)
    const heard = await this.#live(heardIn(entries))
    const stretch = await this.#stretch(heard)
    await this.#recall(stretch, entries, step)
    for (const one of heard) stretch.hear(one)
    const lesson = stretch.lesson()
    const learned = await this.#parts.store.learn(lesson, step)
    if (!learned.ok) return learned
    if (learned.value === 'overtaken') {
      // Another node has learned meanwhile: what it remembers is read with the next stretch.
      this.#reached = null
      return ok('overtaken')
    }
    this.#watches = stretch.watches
    this.#seenTo = step.to
    this.#prune(entries[entries.length - 1]?.event.at ?? 0)
    this.#reached?.add(lesson.reached, lesson.forgetReachedFrom)
    for (const { accountId } of lesson.suppress) this.#parts.changed(accountId)
    for (const { reason } of lesson.suppress) this.#parts.meter.count('suppressions_total', 1, { reason })
    await this.#tell(stretch, learned.value.takenBack)
    return ok('done')
  }

  /** Nothing to learn: the watches know as much as before. */
  async #pass(step: LogStep): Promise<Result<'done' | 'overtaken', StoreFault>> {
    const moved = await this.#parts.history.advance(step)
    if (moved.ok && moved.value === 'done' && this.#seenTo === step.from) this.#seenTo = step.to
    return moved
  }

  /** Another node, or this one before its last start, has learned from the minutes before; they count all the same. */
  async #recall(stretch: Stretch, entries: readonly LogEntry[], { from }: LogStep): Promise<void> {
    const since = (entries[0]?.event.at ?? 0) - this.#limits.window
    for await (const before of recall(this.#parts.history, { seenTo: this.#seenTo, from, since })) {
      for (const one of await this.#live(heardIn(before))) stretch.recall(one)
    }
  }

  /** Mail of test keys was played, and proves nothing. Deliveries without a peer were sorted out before. */
  async #live(heard: readonly Heard[]): Promise<readonly Heard[]> {
    const played = new Set<Heard>()
    for (const one of heard) {
      if (one.says.kind === 'alive') continue
      const message = await this.#parts.messages.get(one.event.messageId, one.event.accountId)
      if (message?.mode === 'test') played.add(one)
    }
    return played.size === 0 ? heard : heard.filter((one) => !played.has(one))
  }

  async #stretch(heard: readonly Heard[]): Promise<Stretch> {
    const { store, options, providerOf } = this.#parts
    this.#reached ??= new Reached(await store.reached())
    return new Stretch({
      reached: this.#reached,
      again: this.#again,
      strikes: await this.#strikes(heard),
      watches: this.#watches,
      limits: this.#limits,
      hardBounce: options.hardBounce,
      providerOf,
    })
  }

  /** Most installations have a handful of strikes, and most stretches concern none of them. */
  async #strikes(heard: readonly Heard[]): Promise<Map<string, Strike>> {
    const { store } = this.#parts
    const found = new Map<string, Strike>()
    if (heard.length === 0 || !(await store.hasStrikes())) return found
    for (const [account, some] of Map.groupBy(heard, ({ event }) => event.accountId)) {
      const keys = [...new Set(some.map(({ key }) => key))]
      for (const strike of await store.strikes(account, keys)) {
        found.set(`${account} ${strike.recipient}`, strike)
      }
    }
    return found
  }

  #prune(now: Milliseconds): void {
    if (this.#watches.size < MAX_WATCHES) return
    for (const [provider, watch] of this.#watches) if (watch.isEmpty(now)) this.#watches.delete(provider)
  }

  /** It lasts for hours and comes with every stretch of the log; once a day is enough to be told of a provider. */
  #isNews({ provider, at }: Pick<Anomaly, 'provider' | 'at'>): boolean {
    const day = Math.floor(at / DAY)
    if (this.#toldOn.get(provider) === day) return false
    if (this.#toldOn.size >= MAX_WATCHES) this.#toldOn.clear()
    this.#toldOn.set(provider, day)
    return true
  }

  async #tell(stretch: Stretch, takenBack: readonly number[]): Promise<void> {
    const { alert, log, meter } = this.#parts
    for (const [at, anomaly] of stretch.anomalies.entries()) {
      const told = { ...anomaly, takenBack: takenBack[at] ?? 0 }
      meter.count('suppression_anomalies_total', 1, { provider: anomaly.provider })
      if (!this.#isNews(anomaly)) continue
      log.error('a provider calls many addresses unknown that took mail before; it is not believed', {
        ...told,
      })
      await alert(told)
    }
  }
}

function heardIn(entries: readonly LogEntry[]): readonly Heard[] {
  const heard: Heard[] = []
  for (const { event } of entries) {
    if (!isOfMail(event)) continue
    const says = whatItSays(event)
    if (says.kind === 'nothing') continue
    const key = suppressionKey(event.recipient)
    heard.push({ event: event as Told, says, key, hash: addressHash(key) })
  }
  return heard
}
