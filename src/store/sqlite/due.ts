//
// Owns: which destinations have something due, read on the serving thread: cheap whatever the queue holds.
//
// First a window over the least due times of all destinations: when it holds all that is due (nearly always) that is
// the answer. When it is full, a busy provider may fill it with a million destinations: then one seek per provider
// over (provider, next_due) finds the others, a bounded number per call, going on next time where it stopped.

import type { Database } from 'bun:sqlite'
import type { DueAsk, DueDestination } from '../store.ts'
import { type DestinationRow, dueOfRow } from './overview.ts'

/** Rows of the window; reading them takes some 0.2 ms. */
const WINDOW = 256
/** Seeks per call, about 3 µs each. */
const PROVIDERS_PER_CALL = 256
/** So that one provider's crowd leaves room for the others. */
const shareOf = (limit: number): number => Math.max(2, Math.ceil(limit / 4))

export class DueReader {
  private readonly earliest
  private readonly window
  private readonly nextProvider
  private readonly ofProvider
  private cursor: string | null = null

  constructor(db: Database) {
    this.earliest = db.prepare<{ due: number | null }, []>(
      'SELECT min(next_due) AS due FROM destinations WHERE next_due IS NOT NULL',
    )
    const columns = 'destination, provider, next_due, waiting'
    this.window = db.prepare<DestinationRow, [number, number]>(`
      SELECT ${columns} FROM destinations WHERE next_due IS NOT NULL AND next_due <= ? ORDER BY next_due LIMIT ?`)
    this.nextProvider = db.prepare<{ provider: string | null }, [string]>(
      'SELECT min(provider) AS provider FROM destinations WHERE next_due IS NOT NULL AND provider > ?',
    )
    this.ofProvider = db.prepare<DestinationRow, [string, number, number]>(`
      SELECT ${columns} FROM destinations
       WHERE next_due IS NOT NULL AND provider = ? AND next_due <= ? ORDER BY next_due LIMIT ?`)
  }

  next(): number | null {
    return this.earliest.all()[0]?.due ?? null
  }

  destinations({ now, limit, busy }: DueAsk): readonly DueDestination[] {
    const rows = this.window.all(now, WINDOW)
    const found = spread(
      rows.filter((row) => !busy.has(row.provider)),
      rows.length < WINDOW ? limit : shareOf(limit),
    )
    if (rows.length === WINDOW) this.addFromProviders(found, { now, limit, busy })
    return [...found.values()].slice(0, limit).map(dueOfRow)
  }

  private addFromProviders(found: Map<string, DestinationRow>, { now, limit, busy }: DueAsk): void {
    const share = shareOf(limit)
    let first: string | null = null
    for (let seeks = 0; seeks < PROVIDERS_PER_CALL && found.size < 2 * limit; seeks += 1) {
      const provider = this.stepProvider()
      // Once round is enough.
      if (provider === null || provider === first) return
      first ??= provider
      if (!busy.has(provider)) {
        for (const row of this.ofProvider.all(provider, now, share)) found.set(row.destination, row)
      }
    }
  }

  /** The next provider with somebody waiting, round and round; null if there is none at all. */
  private stepProvider(): string | null {
    // The empty name (not routed yet) sorts first and is found from the start alone.
    const from = this.cursor
    const after = from === null ? this.firstProvider() : (this.nextProvider.all(from)[0]?.provider ?? null)
    this.cursor = after ?? this.firstProvider()
    return this.cursor
  }

  private firstProvider(): string | null {
    return this.ofProvider.all('', Number.MAX_SAFE_INTEGER, 1).length > 0
      ? ''
      : (this.nextProvider.all('')[0]?.provider ?? null)
  }
}

/** In order of due time, at most `share` of each provider. */
function spread(rows: readonly DestinationRow[], share: number): Map<string, DestinationRow> {
  const taken = new Map<string, number>()
  const kept = new Map<string, DestinationRow>()
  for (const row of rows) {
    const count = taken.get(row.provider) ?? 0
    if (count >= share) continue
    taken.set(row.provider, count + 1)
    kept.set(row.destination, row)
  }
  return kept
}
