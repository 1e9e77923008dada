//
// Owns: questions about the queue as a whole: what is due, what waits, when the next turn is.
// Never: writes.

import type { Selectable } from 'kysely'
import type { Domain } from '../../core/address.ts'
import type { Whole } from '../columns.ts'
import type { Executor, Query } from '../executor.ts'
import { orNull } from '../rows.ts'
import type { DueAsk, DueDestination, QueueOverview } from '../store.ts'
import type { DestinationTable } from '../tables.ts'

type DestinationRow = Selectable<DestinationTable>

/** While fewer are due, the earliest are simply read. */
const SIMPLY = 1000

const EARLIEST: Query<DestinationRow>['sql'] = `
  SELECT * FROM destinations WHERE next_due <= $1::bigint ORDER BY next_due LIMIT ${SIMPLY}`

/** Providers looked at by one statement, and statements by one ask: a bound, not a figure that is ever reached. */
const STEPS = 500
const ROUNDS = 40
/** The rest of a provider's destinations is for the next ask. */
const OF_EACH = 8

/**
 * Steps from provider to provider along the index, so that a million due destinations of a busy one cost a single
 * step. The first row tells where it ended.
 */
const BY_PROVIDER = `
  WITH RECURSIVE step AS (
    (SELECT provider, 1 AS number FROM destinations
      WHERE next_due IS NOT NULL AND provider >= $4 ORDER BY provider LIMIT 1)
    UNION ALL
    (SELECT n.provider, s.number + 1 FROM step s CROSS JOIN LATERAL (
       SELECT provider FROM destinations
        WHERE next_due IS NOT NULL AND provider > s.provider ORDER BY provider LIMIT 1) n
      WHERE s.number < ${STEPS})),
  free AS (
    SELECT provider FROM step
     WHERE provider <> ALL (ARRAY(SELECT json_array_elements_text($3::text::json)))),
  ended AS (SELECT count(*) AS steps, max(provider) AS last FROM step)
  SELECT e.steps, e.last, d.* FROM ended e LEFT JOIN (
    SELECT n.* FROM free f CROSS JOIN LATERAL (
      SELECT * FROM destinations
       WHERE provider = f.provider AND next_due <= $1::bigint
       ORDER BY next_due
       LIMIT CASE WHEN f.provider = '' THEN $2::bigint
                  ELSE greatest(${OF_EACH}, $2::bigint / (SELECT count(*) FROM free)) END) n) d ON true`

type SteppedRow = DestinationRow & { readonly steps: Whole; readonly last: string | null }

interface NumbersRow {
  readonly waiting: Whole | null
  readonly leased: Whole
  readonly held: Whole
}

const NUMBERS: Query<NumbersRow> = {
  sql: `SELECT (SELECT sum(waiting) FROM destinations) AS waiting, (SELECT count(*) FROM leased) AS leased,
               (SELECT count(*) FROM deliveries WHERE state = 'held') AS held`,
  values: [],
}
const NEXT: Query<{ next: Whole | null }> = {
  sql: 'SELECT min(next_due) AS next FROM destinations WHERE next_due IS NOT NULL',
  values: [],
}

export class QueueLook {
  readonly #executor: Executor
  /** Where the next walk over the providers begins: the end of the alphabet gets its turn as well. */
  #from = ''

  constructor(executor: Executor) {
    this.#executor = executor
  }

  async due(ask: DueAsk): Promise<readonly DueDestination[]> {
    const earliest = await this.#executor.read<DestinationRow>({ sql: EARLIEST, values: [ask.now] })
    if (earliest.length < SIMPLY) {
      return spread(
        earliest.filter((row) => !ask.busy.has(row.provider)),
        ask.limit,
      )
    }
    const found: DestinationRow[] = []
    const start = this.#from
    for (let round = 0; round < ROUNDS && found.length < ask.limit; round++) {
      found.push(...(await this.#step(ask)))
      if (this.#from === '' || this.#from === start) break
    }
    return spread(found, ask.limit)
  }

  async #step({ now, limit, busy }: DueAsk): Promise<readonly DestinationRow[]> {
    const rows = await this.#executor.read<SteppedRow>({
      sql: BY_PROVIDER,
      values: [now, limit, JSON.stringify([...busy]), this.#from],
    })
    const [first] = rows
    const more = first !== undefined && Number(first.steps) >= STEPS
    // The next name there can be after this one.
    this.#from = more ? `${first.last ?? ''}\u0001` : ''
    return rows.filter((row) => row.destination !== null)
  }

  async overview(limit: number): Promise<QueueOverview> {
    const [rows, [numbers]] = await Promise.all([
      this.#executor.read<DestinationRow>({
        sql: 'SELECT * FROM destinations WHERE waiting > 0 ORDER BY waiting DESC, destination LIMIT $1::int',
        values: [limit],
      }),
      this.#executor.read(NUMBERS),
    ])
    return {
      destinations: rows.map(dueOfRow),
      waiting: Number(numbers?.waiting ?? 0),
      leased: Number(numbers?.leased ?? 0),
      held: Number(numbers?.held ?? 0),
    }
  }

  async nextDueAt(): Promise<number | null> {
    const [row] = await this.#executor.read(NEXT)
    return orNull(row?.next ?? null)
  }
}

/** In turns: the earliest of every provider before the second of any. What was never routed is nobody's second. */
function spread(rows: readonly DestinationRow[], limit: number): readonly DueDestination[] {
  const byDue = rows.map(dueOfRow).sort((a, b) => a.nextDueAt - b.nextDueAt)
  const turns = new Map<string, number>()
  const ranked = byDue.map((due) => {
    const turn = due.provider === '' ? 0 : (turns.get(due.provider) ?? 0)
    turns.set(due.provider, turn + 1)
    return { turn, due }
  })
  // A stable sort keeps the order of time within a turn.
  ranked.sort((a, b) => a.turn - b.turn)
  return ranked.slice(0, limit).map(({ due }) => due)
}

const dueOfRow = (row: DestinationRow): DueDestination => ({
  destination: row.destination as Domain,
  provider: row.provider,
  nextDueAt: Number(row.next_due),
  waiting: Number(row.waiting),
})
