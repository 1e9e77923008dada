//
// Owns: RecentMail for both engines: the newest deliveries in slices, and between two slices others have their turn.

import type { DeliveryId } from '../core/ids.ts'
import { compilerFor, type Executor, statement } from './executor.ts'
import type { RecentAsk, RecentPage } from './recent-store.ts'
import { deliveryOfRow } from './rows.ts'
import type { Store } from './store.ts'

/** Rows that are looked through at once: some milliseconds of the thread that serves everybody. */
const SLICE = 2000
/** Then whoever asks is told where it ended. */
const AMONG = 50 * SLICE
/** Behind every id. */
const END = '~'

export function recentOn(
  engine: Store['engine'],
  executor: Executor,
): (ask: RecentAsk) => Promise<RecentPage> {
  const db = compilerFor(engine)
  // Ids begin with their time: their order is that of acceptance.
  const slice = statement(
    db.selectFrom('deliveries').selectAll().where('id', '<', '').orderBy('id', 'desc').limit(SLICE),
  )
  return async (ask) => {
    const found: RecentPage['found'][number][] = []
    let place: string = END
    for (let looked = 0; looked < (ask.among ?? AMONG); looked += SLICE) {
      const rows = await executor.read(slice(place, SLICE))
      for (const row of rows) {
        place = row.id
        if (!fits(ask, row)) continue
        found.push(deliveryOfRow(row))
        if (found.length === ask.limit) return { found, lookedTo: place as DeliveryId }
      }
      if (rows.length < SLICE) return { found, lookedTo: null }
      await new Promise((turn) => setImmediate(turn))
    }
    return { found, lookedTo: place as DeliveryId }
  }
}

const fits = ({ recipient, state }: RecentAsk, row: { readonly recipient: string; readonly state: string }) =>
  (state === null || row.state === state) &&
  (recipient === null || row.recipient.toLowerCase() === recipient.toLowerCase())
