//
// Owns: one step of the follower that keeps the roll-ups: a stretch of the log is counted, in one commit with the
// follower's move.
// Never: what an event counts as (metrics.ts), or when it is done (roll-up.ts).

import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { LogCursor } from '../../store/log-store.ts'
import type { StatCount, StatGroup, StatStretch, StatsStore, Taker } from '../../store/stats-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { EVERYBODY } from './feedback-counts.ts'
import { Names } from './names.ts'
import { Tally } from './tally.ts'
import { TOOK_ENDS } from './took.ts'

export interface CountingParts {
  readonly store: Pick<StatsStore, 'add' | 'stretch' | 'totals'>
  /** Under which name an MX host is known. */
  readonly providerOf: (mx: string) => string
  /** Whether complaints may come from it though none has come yet. */
  readonly mayReport: (provider: string) => boolean
}

export type CountedStep =
  | { readonly kind: 'end' }
  | { readonly kind: 'overtaken' }
  | {
      readonly kind: 'done'
      readonly to: LogCursor
      readonly lastAt: Milliseconds
      /** The log goes on behind it. */
      readonly more: boolean
      readonly accounts: ReadonlySet<AccountId>
    }

/** Events at once: some hundredths of a second to read, away from the serving thread. */
const MOST_EVENTS = 5_000
const FEWEST_EVENTS = 100
/**
 * What one commit may cost the writer, who has others waiting: in rows, of which some hundred are a millisecond. A row
 * in a place of its own costs as much as five that stand together.
 */
const MOST_COST = 2_500
const PLACE_COST = 4
/** A provider's hosts are few, but anybody may have one. */
const MAX_HOSTS = 10_000

/** The durable name of the follower. */
export const STATS = 'stats'

export class Counting {
  readonly #parts: CountingParts
  readonly #names = new Names()
  readonly #providers = new Map<string, string>()
  #reporters: Set<string> | null = null
  #limit: number

  constructor(parts: CountingParts, limit = MOST_EVENTS) {
    this.#parts = parts
    this.#limit = limit
  }

  async step(from: LogCursor): Promise<Result<CountedStep, StoreFault>> {
    const { store } = this.#parts
    this.#reporters ??= await this.#readReporters()
    for (;;) {
      const limit = this.#limit
      const stretch = await store.stretch({ after: from, limit, steps: TOOK_ENDS })
      if (stretch === null) return ok({ kind: 'end' })
      const counts = this.#counted(stretch.groups)
      const cost = costOf(counts)
      if (cost > MOST_COST && limit > FEWEST_EVENTS) {
        this.#limit = Math.max(FEWEST_EVENTS, Math.floor((limit * MOST_COST) / cost / 1.2))
        continue
      }
      if (cost < MOST_COST / 2) this.#limit = Math.min(MOST_EVENTS, limit * 2)
      return this.#add(from, { ...stretch, more: stretch.events === limit }, counts)
    }
  }

  async #add(
    from: LogCursor,
    { groups, lastAt, more, to }: StatStretch & { readonly more: boolean },
    counts: readonly StatCount[],
  ): Promise<Result<CountedStep, StoreFault>> {
    const added = await this.#parts.store.add(counts, { follower: STATS, from, to })
    if (!added.ok) return fault(added.error)
    if (added.value === 'overtaken') {
      // Another node may have heard of a provider that reports.
      this.#reporters = null
      return ok({ kind: 'overtaken' })
    }
    const accounts = new Set(groups.map(({ accountId }) => accountId))
    return ok({ kind: 'done', to, lastAt, more, accounts })
  }

  #counted(groups: readonly StatGroup[]): readonly StatCount[] {
    const reporters = this.#reporters ?? new Set<string>()
    const tally = new Tally(this.#names)
    const providers = groups.map((group) => this.#named(group.taker))
    for (const [place, { type }] of groups.entries()) {
      const provider = providers[place]
      if (type === 'email.complained' && provider) reporters.add(provider)
    }
    const reports = (provider: string) => reporters.has(provider) || this.#parts.mayReport(provider)
    for (const [place, group] of groups.entries()) {
      const provider = providers[place] ?? null
      tally.add(group, provider)
      tally.addFeedback(group, provider, reports)
    }
    return tally.counts()
  }

  #named(taker: Taker | null): string | null {
    if (taker === null) return null
    const { mx, via } = taker
    // What a smarthost of ours has taken is at a provider that we do not see.
    if (via.startsWith('relay:')) return via
    if (mx === null) return null
    let provider = this.#providers.get(mx)
    if (provider === undefined) {
      if (this.#providers.size >= MAX_HOSTS) this.#providers.clear()
      provider = this.#parts.providerOf(mx)
      this.#providers.set(mx, provider)
    }
    return provider
  }

  async #readReporters(): Promise<Set<string>> {
    return new Set(await reportersIn(this.#parts.store))
  }
}

function costOf(counts: readonly StatCount[]): number {
  const places = new Set(
    counts.map(({ accountId, dimension, name, span }) => `${accountId} ${dimension} ${span} ${name}`),
  )
  return counts.length + PLACE_COST * places.size
}

/** Whose complaints have come, ever. */
export async function reportersIn(store: Pick<StatsStore, 'totals'>): Promise<readonly string[]> {
  const found = await store.totals({
    account: EVERYBODY,
    dimension: 'reporter',
    from: 0,
    to: DAY,
    limit: MAX_REPORTERS,
  })
  return found.map(({ name }) => name)
}

/** All the world's feedback loops are some dozens. */
const MAX_REPORTERS = 10_000
