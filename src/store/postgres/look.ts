//
// Owns: questions about the queue as a whole: what is due, what waits, when the next turn is.
// Never: writes.
//
// While few lines are due they are simply read. Beyond that one tenant or one busy provider may fill any window: then a
// walk over (provider, account) along the index finds everybody else, as sqlite/due.ts does it.

import type { Domain } from '../../core/address.ts'
import type { Whole } from '../columns.ts'
import type { Executor, Query } from '../executor.ts'
import type { Rank } from '../line.ts'
import { orNull } from '../rows.ts'
import type { DueAsk, DueLine, QueueOverview } from '../store.ts'
import { dueLineOf, inTurn, isBusy, LINE_COLUMNS, type LineRow } from '../turns.ts'
import { rowsAt } from './bulk.ts'

/** While fewer are due, the earliest are simply read. */
const SIMPLY = 500
/** Pairs of provider and account per ask and rank. */
const VISITS = 128
/** Steps of an ask, those over busy providers among them: a thousand that hang must not hide the one that is well. */
const STEPS = 4_096
const LINES_PER_VISIT = 8
/** The unrouted are many providers in one. */
const UNROUTED_PER_VISIT = 32
/** Pairs whose last campaign is remembered. */
const REMEMBERED = 10_000
/** Sorts behind every account's id. */
const LAST = '\u{10ffff}'

const EARLIEST = `
  SELECT ${LINE_COLUMNS} FROM lines WHERE next_due IS NOT NULL AND next_due <= $1::bigint
   ORDER BY next_due LIMIT ${SIMPLY}`

/**
 * The pairs to visit, and the last step: there the next walk goes on. A busy provider's other accounts are stepped over in
 * one. An object of jsonb finds a key by halves, an array would be read at each step.
 */
const PAIRS = `
  WITH RECURSIVE busy AS MATERIALIZED (SELECT $2::text::jsonb AS names), step AS (
    (SELECT l.provider, l.account_id, 1 AS number, jsonb_exists(b.names, l.provider) AS passed,
            CASE WHEN jsonb_exists(b.names, l.provider) THEN 0 ELSE 1 END AS visits
       FROM busy b CROSS JOIN LATERAL (
         SELECT provider, account_id FROM lines
          WHERE next_due IS NOT NULL AND rank = $1::bigint AND (provider, account_id) > ($3, $4)
          ORDER BY provider, account_id LIMIT 1) l)
    UNION ALL
    (SELECT n.provider, n.account_id, s.number + 1, jsonb_exists(b.names, n.provider),
            s.visits + CASE WHEN jsonb_exists(b.names, n.provider) THEN 0 ELSE 1 END
       FROM step s CROSS JOIN busy b CROSS JOIN LATERAL (
         SELECT provider, account_id FROM lines
          WHERE next_due IS NOT NULL AND rank = $1::bigint
            AND (provider, account_id) >
                (s.provider, CASE WHEN s.passed THEN '${LAST}' ELSE s.account_id END COLLATE "C")
          ORDER BY provider, account_id LIMIT 1) n
      WHERE s.number < ${STEPS} AND s.visits < ${VISITS}))
  SELECT provider, account_id, passed, number = ${STEPS} OR visits = ${VISITS} AS cut FROM step
   WHERE NOT passed OR number = (SELECT max(number) FROM step) ORDER BY number`

/** Of each pair the campaign after the one that had its turn, else its first. */
const VISIT = `
  SELECT l.*
    FROM ${rowsAt('$2', 'v', ['provider', 'account_id', 'campaign', 'quota'])}
   CROSS JOIN LATERAL (
     SELECT coalesce(
       (SELECT campaign FROM lines
         WHERE next_due IS NOT NULL AND rank = $1::bigint AND provider = v.provider AND account_id = v.account_id
           AND campaign > v.campaign ORDER BY campaign LIMIT 1),
       (SELECT campaign FROM lines
         WHERE next_due IS NOT NULL AND rank = $1::bigint AND provider = v.provider AND account_id = v.account_id
         ORDER BY campaign LIMIT 1)) AS campaign) c
   CROSS JOIN LATERAL (
     SELECT ${LINE_COLUMNS} FROM lines
      WHERE rank = $1::bigint AND provider = v.provider AND account_id = v.account_id AND campaign = c.campaign
        AND next_due IS NOT NULL AND next_due <= $3::bigint
      ORDER BY next_due LIMIT v.quota) l`

interface Pair {
  readonly provider: string
  readonly account_id: string
}
const BEFORE_ALL: Pair = { provider: '', account_id: '' }

interface Step extends Pair {
  /** Its provider is busy. */
  readonly passed: boolean
  /** There may be more behind it. */
  readonly cut: boolean
}

const OVERVIEW = `
  SELECT n.*, (
    SELECT a.diagnostic FROM lines l
      JOIN waiting w ON w.line = l.id AND w.due_at = l.next_due JOIN attempts a ON a.delivery_id = w.delivery_id
     WHERE l.destination = n.destination AND l.waiting > 0 ORDER BY l.next_due, a.number DESC LIMIT 1) AS said
    FROM (SELECT destination, max(provider) AS provider, sum(waiting) AS waiting, min(next_due) AS next_due
            FROM lines WHERE waiting > 0 GROUP BY destination ORDER BY 3 DESC, destination LIMIT $1::int) n
   ORDER BY waiting DESC, destination`

interface OverviewRow {
  readonly destination: string
  readonly provider: string
  readonly waiting: Whole
  readonly next_due: Whole
  readonly said: string | null
}

interface NumbersRow {
  readonly waiting: Whole | null
  readonly leased: Whole
  readonly held: Whole
}

const NUMBERS: Query<NumbersRow> = {
  sql: `SELECT (SELECT sum(waiting) FROM lines) AS waiting, (SELECT count(*) FROM leased) AS leased,
               (SELECT count(*) FROM deliveries WHERE state = 'held') AS held`,
  values: [],
}
const NEXT: Query<{ next: Whole | null }> = {
  sql: 'SELECT min(next_due) AS next FROM lines WHERE next_due IS NOT NULL',
  values: [],
}

const HELD = `SELECT destination, count(*) AS held FROM deliveries WHERE state = 'held'
   GROUP BY destination ORDER BY 2 DESC, destination LIMIT $1::int`

export class QueueLook {
  readonly #executor: Executor
  /** Per rank: the pair that was visited last. */
  readonly #visited: [Pair, Pair] = [BEFORE_ALL, BEFORE_ALL]
  readonly #campaigns = new Map<string, string>()
  #spin = 0

  constructor(executor: Executor) {
    this.#executor = executor
  }

  async due(ask: DueAsk): Promise<readonly DueLine[]> {
    this.#spin += 1
    const rows = await this.#executor.read<LineRow>({ sql: EARLIEST, values: [ask.now] })
    const found = new Map<number, DueLine>()
    const more =
      rows.length < SIMPLY ? [] : await Promise.all(([0, 1] as const).map((rank) => this.#walk(rank, ask)))
    for (const row of [rows, ...more].flat()) {
      const line = dueLineOf(row)
      if (!isBusy(ask, line.rank, line.provider)) found.set(line.id, line)
    }
    return inTurn([...found.values()], ask.limit, this.#spin)
  }

  async #walk(rank: Rank, ask: DueAsk): Promise<readonly LineRow[]> {
    const names = rank === 0 ? [...ask.busy] : [...ask.busy, ...ask.busyMarketing]
    const busy = JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])))
    const stepsFrom = ({ provider, account_id }: Pair) =>
      this.#executor.read<Step>({ sql: PAIRS, values: [rank, busy, provider, account_id] })
    let steps = await stepsFrom(this.#visited[rank])
    // At its end the next walk begins anew; so does this one when there was nobody left.
    if (this.#visited[rank] !== BEFORE_ALL && steps.every(({ passed }) => passed)) {
      steps = await stepsFrom(BEFORE_ALL)
    }
    const last = steps.at(-1)
    this.#visited[rank] = last?.cut ? last : BEFORE_ALL
    const visits = steps
      .filter(({ passed }) => !passed)
      .map(({ provider, account_id }) => ({
        provider,
        account_id,
        campaign: this.#campaigns.get(nameOf(rank, { provider, account_id })) ?? '',
        quota: provider === '' ? UNROUTED_PER_VISIT : LINES_PER_VISIT,
      }))
    if (visits.length === 0) return []
    const values = [rank, JSON.stringify(visits), ask.now]
    const rows = await this.#executor.read<LineRow>({ sql: VISIT, values })
    if (this.#campaigns.size >= REMEMBERED) this.#campaigns.clear()
    for (const row of rows) this.#campaigns.set(nameOf(rank, row), row.campaign)
    return rows
  }

  async overview(limit: number): Promise<QueueOverview> {
    const [rows, [numbers]] = await Promise.all([
      this.#executor.read<OverviewRow>({ sql: OVERVIEW, values: [limit] }),
      this.#executor.read(NUMBERS),
    ])
    const isHeld = limit > 0 && Number(numbers?.held ?? 0) > 0
    const heldFor = isHeld
      ? await this.#executor.read<{ destination: string; held: Whole }>({ sql: HELD, values: [limit] })
      : []
    return {
      heldFor: heldFor.map((row) => ({ destination: row.destination as Domain, held: Number(row.held) })),
      destinations: rows.map((row) => ({
        destination: row.destination as Domain,
        provider: row.provider,
        nextDueAt: Number(row.next_due),
        waiting: Number(row.waiting),
        lastError: row.said,
      })),
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

const nameOf = (rank: Rank, { provider, account_id }: Pair): string => `${rank} ${account_id} ${provider}`
