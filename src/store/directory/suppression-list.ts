//
// Owns: going through the suppression list in its order, with filters, without keeping others waiting.

import { type Kysely, sql } from 'kysely'
import type { SuppressionScope } from '../../core/suppression.ts'
import type { Whole } from '../columns.ts'
import type { Executor, Query } from '../executor.ts'
import type { SuppressionListAsk, SuppressionPlace } from '../suppression-store.ts'
import type { Tables } from '../tables.ts'

export interface SuppressionRow {
  readonly account_id: string
  readonly recipient: string
  readonly stream: string
  readonly reason: string
  readonly created_at: Whole
  readonly expires_at: Whole | null
  readonly event_id: string | null
  readonly note: string
}

type Place = Pick<SuppressionRow, 'recipient' | 'stream'>

/** Rows that are looked through at once: 5 ms. No index knows domains and reasons, and lists of millions are looked through for them. */
const SLICE = 4000

/** From where on, and which way. */
interface Walk {
  readonly from: SuppressionPlace | null
  readonly backwards: boolean
}

function sliceQuery(db: Kysely<Tables>, { account }: SuppressionListAsk, walk: Walk): Query<Place> {
  const way = walk.backwards ? 'desc' : 'asc'
  let query = db
    .selectFrom('suppressions')
    .select(['recipient', 'stream'])
    .where('account_id', '=', account)
    .orderBy('recipient', way)
    .orderBy('stream', way)
    .limit(1)
    .offset(SLICE - 1)
  if (walk.from !== null) query = query.where(beyond(walk.from, walk))
  const { sql: text, parameters } = query.compile()
  return { sql: text, values: parameters as Query['values'] }
}

const beyond = ({ recipient, scope }: SuppressionPlace, { backwards }: Walk) =>
  backwards
    ? sql<boolean>`(recipient, stream) < (${recipient}, ${scope})`
    : sql<boolean>`(recipient, stream) > (${recipient}, ${scope})`

const upTo = ({ recipient, stream }: Place, { backwards }: Walk) =>
  backwards
    ? sql<boolean>`(recipient, stream) >= (${recipient}, ${stream})`
    : sql<boolean>`(recipient, stream) <= (${recipient}, ${stream})`

/** Compiled for each ask: filters come and go, and nobody lists a thousand times a second. */
function listQuery(
  db: Kysely<Tables>,
  ask: SuppressionListAsk,
  { end, walk }: { readonly walk: Walk; readonly end: Place | null },
): Query<SuppressionRow> {
  const way = walk.backwards ? 'desc' : 'asc'
  let query = db
    .selectFrom('suppressions')
    .select(['account_id', 'recipient', 'stream', 'reason', 'created_at', 'expires_at', 'event_id', 'note'])
    .where('account_id', '=', ask.account)
    .orderBy('recipient', way)
    .orderBy('stream', way)
    .limit(ask.limit)
  const { reason, scope, domain, now } = ask
  if (walk.from !== null) query = query.where(beyond(walk.from, walk))
  if (end !== null) query = query.where(upTo(end, walk))
  if (reason !== null) query = query.where('reason', '=', reason)
  if (scope !== null) query = query.where('stream', '=', scope)
  if (domain !== null)
    query = query.where(sql<boolean>`recipient LIKE ${`%@${domain.replace(/[%_\\]/g, '\\$&')}`} ESCAPE '\\'`)
  if (now !== null) {
    query = query.where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
  }
  const { sql: text, parameters } = query.compile()
  return { sql: text, values: parameters as Query['values'] }
}

/** SQLite reads on the thread that serves everybody: between two slices others have their turn. */
export async function listed(
  executor: Executor,
  db: Kysely<Tables>,
  ask: SuppressionListAsk,
): Promise<readonly SuppressionRow[]> {
  const { after, before = null } = ask
  const walk: Walk = { from: before ?? after, backwards: before !== null }
  const found =
    ask.reason === null && ask.scope === null && ask.domain === null
      ? await executor.read(listQuery(db, ask, { walk, end: null }))
      : await filtered(executor, db, { ask, walk })
  return walk.backwards ? found.toReversed() : found
}

async function filtered(
  executor: Executor,
  db: Kysely<Tables>,
  { ask, walk }: { readonly ask: SuppressionListAsk; readonly walk: Walk },
): Promise<readonly SuppressionRow[]> {
  const found: SuppressionRow[] = []
  let step = walk
  for (;;) {
    const [end = null] = await executor.read(sliceQuery(db, ask, step))
    const rest = { ...ask, limit: ask.limit - found.length }
    found.push(...(await executor.read(listQuery(db, rest, { walk: step, end }))))
    if (end === null || found.length >= ask.limit) return found
    step = { ...walk, from: { recipient: end.recipient, scope: end.stream as SuppressionScope } }
    await new Promise((turn) => setImmediate(turn))
  }
}
