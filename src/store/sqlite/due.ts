//
// Owns: which lines have something due, read on the serving thread: cheap whatever the queue holds.
//
// First a window over the least due times of all lines: when it holds all that is due (nearly always) that is the
// answer. When it is full, one tenant's or one busy provider's lines may fill it: then a walk over (provider, account),
// a seek each, finds everybody else, a bounded number per call, going on next time where it stopped. Of an account
// with several campaigns at a provider each visit takes the next one.

import type { Database } from 'bun:sqlite'
import type { Rank } from '../line.ts'
import type { DueAsk, DueLine } from '../store.ts'
import { dueLineOf, inTurn, isBusy, LINE_COLUMNS, type LineRow } from '../turns.ts'

/** Rows of the window; reading them takes some 0.3 ms. */
const WINDOW = 256
/** Visits per call and rank, about 10 µs each. */
const VISITS = 128
/** Busy providers that are passed by, about 2 µs each: a thousand that hang must not hide the one that is well. */
const PASSED = 4_096
const PASSED_AT_ONCE = 256
/** Lines of one campaign per visit. The unrouted are many providers in one, so more of those. */
const LINES_PER_VISIT = 8
const UNROUTED_PER_VISIT = 32

/**
 * Pairs that had something at their last visit are visited again in each call: among a thousand hung destinations the
 * walk comes by only now and then, and a backlog that flows must not wait for it.
 */
const WARM = 32

/** Pairs whose last campaign is remembered. */
const REMEMBERED = 10_000

interface Pair {
  readonly provider: string
  readonly account_id: string
}
const BEFORE_ALL: Pair = { provider: '', account_id: '' }

export class DueReader {
  readonly #earliest
  readonly #window
  readonly #nextAccount
  readonly #nextProvider
  readonly #nextProviders
  readonly #nextCampaign
  readonly #lines
  /** Per rank: the pair that was visited last. */
  readonly #visited: [Pair, Pair] = [BEFORE_ALL, BEFORE_ALL]
  readonly #campaigns = new Map<string, string>()
  /** Per rank, by name, the latest last. */
  readonly #warm: [Map<string, Pair>, Map<string, Pair>] = [new Map(), new Map()]
  #spin = 0

  constructor(db: Database) {
    this.#earliest = db.prepare<{ due: number | null }, []>(
      'SELECT min(next_due) AS due FROM lines WHERE next_due IS NOT NULL',
    )
    this.#window = db.prepare<LineRow, [number, number]>(`
      SELECT ${LINE_COLUMNS} FROM lines INDEXED BY lines_by_due
       WHERE next_due IS NOT NULL AND next_due <= ? ORDER BY next_due LIMIT ?`)
    // Two steps: (provider, account_id) > (?, ?) would read all lines of the pair before, 4 ms for thirty thousand.
    this.#nextAccount = db.prepare<Pair, [number, string, string]>(`
      SELECT provider, account_id FROM lines INDEXED BY lines_by_turn
       WHERE next_due IS NOT NULL AND rank = ? AND provider = ? AND account_id > ? ORDER BY account_id LIMIT 1`)
    this.#nextProvider = db.prepare<Pair, [number, string]>(`
      SELECT provider, account_id FROM lines INDEXED BY lines_by_turn
       WHERE next_due IS NOT NULL AND rank = ? AND provider > ? ORDER BY provider, account_id LIMIT 1`)
    this.#nextProviders = db.prepare<{ provider: string }, [string, number, number]>(`
      WITH RECURSIVE step (provider) AS (
        VALUES (?1)
        UNION ALL
        SELECT (SELECT min(l.provider) FROM lines l INDEXED BY lines_by_turn
                 WHERE l.next_due IS NOT NULL AND l.rank = ?2 AND l.provider > step.provider)
          FROM step WHERE step.provider IS NOT NULL LIMIT ?3)
      SELECT provider FROM step WHERE provider IS NOT NULL`)
    this.#nextCampaign = db.prepare<{ campaign: string }, [number, string, string, string]>(`
      SELECT campaign FROM lines INDEXED BY lines_by_turn
       WHERE next_due IS NOT NULL AND rank = ? AND provider = ? AND account_id = ? AND campaign >= ?
       ORDER BY campaign LIMIT 1`)
    this.#lines = db.prepare<LineRow, [number, string, string, string, number, number]>(`
      SELECT ${LINE_COLUMNS} FROM lines INDEXED BY lines_by_turn
       WHERE next_due IS NOT NULL AND rank = ? AND provider = ? AND account_id = ? AND campaign = ? AND next_due <= ?
       ORDER BY next_due LIMIT ?`)
  }

  next(): number | null {
    return this.#earliest.all()[0]?.due ?? null
  }

  lines(ask: DueAsk): readonly DueLine[] {
    this.#spin += 1
    const rows = this.#window.all(ask.now, WINDOW)
    const found = new Map<number, DueLine>()
    const add = (row: LineRow): void => {
      const line = dueLineOf(row)
      if (!isBusy(ask, line.rank, line.provider)) found.set(line.id, line)
    }
    for (const row of rows) add(row)
    if (rows.length === WINDOW) {
      for (const rank of [0, 1] as const) {
        this.#revisit(rank, ask, add)
        this.#walk(rank, ask, add)
      }
    }
    return inTurn([...found.values()], ask.limit, this.#spin)
  }

  #revisit(rank: Rank, ask: DueAsk, add: (row: LineRow) => void): void {
    for (const pair of [...this.#warm[rank].values()]) {
      if (isBusy(ask, rank, pair.provider)) continue
      if (this.#visit(rank, pair, ask.now, add) === 0) this.#warm[rank].delete(nameOf(pair))
    }
  }

  #keepWarm(rank: Rank, pair: Pair): void {
    const warm = this.#warm[rank]
    warm.delete(nameOf(pair))
    warm.set(nameOf(pair), pair)
    const oldest = warm.keys().next()
    if (warm.size > WARM && !oldest.done) warm.delete(oldest.value)
  }

  #walk(rank: Rank, ask: DueAsk, add: (row: LineRow) => void): void {
    let first: Pair | null = null
    let added = 0
    for (let visits = 0; visits < VISITS && added < 2 * ask.limit; visits++) {
      const pair = this.#pairAfter(rank, this.#visited[rank], ask)
      // Once round is enough.
      if (pair === null || (first !== null && isSame(pair, first))) return
      first ??= pair
      this.#visited[rank] = pair
      const found = this.#visit(rank, pair, ask.now, add)
      if (found > 0) this.#keepWarm(rank, pair)
      added += found
    }
  }

  #visit(rank: Rank, pair: Pair, now: number, add: (row: LineRow) => void): number {
    const campaign = this.#campaignOf(rank, pair)
    const most = pair.provider === '' ? UNROUTED_PER_VISIT : LINES_PER_VISIT
    const rows = this.#lines.all(rank, pair.provider, pair.account_id, campaign, now, most)
    for (const row of rows) add(row)
    return rows.length
  }

  /** Round and round, over those that are not busy. */
  #pairAfter(rank: Rank, { provider, account_id }: Pair, ask: DueAsk): Pair | null {
    const here = isBusy(ask, rank, provider)
      ? undefined
      : this.#nextAccount.all(rank, provider, account_id)[0]
    return here ?? this.#firstAfter(rank, provider, ask) ?? this.#firstOfAll(rank, ask)
  }

  #firstOfAll(rank: Rank, ask: DueAsk): Pair | null {
    // The empty name (not routed yet) is the first that there can be.
    return this.#nextAccount.all(rank, '', '')[0] ?? this.#firstAfter(rank, '', ask)
  }

  /** The first account of the next provider that is not busy. */
  #firstAfter(rank: Rank, provider: string, ask: DueAsk): Pair | null {
    const next = this.#nextProvider.all(rank, provider)[0]
    if (next === undefined || !isBusy(ask, rank, next.provider)) return next ?? null
    let last = next.provider
    for (let passed = 0; passed < PASSED; passed += PASSED_AT_ONCE) {
      // The first row is the one to go on from.
      const names = this.#nextProviders.all(last, rank, PASSED_AT_ONCE + 1).slice(1)
      const free = names.find((row) => !isBusy(ask, rank, row.provider))
      if (free) return this.#nextAccount.all(rank, free.provider, '')[0] ?? null
      last = names.at(-1)?.provider ?? last
      if (names.length < PASSED_AT_ONCE) return null
    }
    return null
  }

  #campaignOf(rank: Rank, { provider, account_id }: Pair): string {
    const pair = `${rank} ${account_id} ${provider}`
    const last = this.#campaigns.get(pair)
    const from = (least: string) => this.#nextCampaign.all(rank, provider, account_id, least)[0]?.campaign
    // The next name that there can be.
    const campaign = (last === undefined ? undefined : from(`${last}\u0001`)) ?? from('') ?? ''
    if (this.#campaigns.size >= REMEMBERED) this.#campaigns.clear()
    this.#campaigns.set(pair, campaign)
    return campaign
  }
}

const nameOf = ({ provider, account_id }: Pair): string => `${account_id} ${provider}`

const isSame = (a: Pair, b: Pair): boolean => a.provider === b.provider && a.account_id === b.account_id
