//
// Owns: going through the suppression list in its order, with filters, without keeping others waiting.

import { type Kysely, sql } from 'kysely'
import type { SuppressionScope } from '../../core/suppression.ts'
import type { Whole } from '../columns.ts'
import type { Executor, Query } from '../executor.ts'
import type { SuppressionListAsk } from '../suppression-store.ts'
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

function sliceQuery(db: Kysely<Tables>, { account, after }: SuppressionListAsk): Query<Place> {
  let query = db
    .selectFrom('suppressions')
    .select(['recipient', 'stream'])
    .where('account_id', '=', account)
    .orderBy('recipient')
    .orderBy('stream')
    .limit(1)
    .offset(SLICE - 1)
  if (after !== null) query = query.where(behind(after))
  const { sql: text, parameters } = query.compile()
  return { sql: text, values: parameters as Query['values'] }
}

const behind = ({ recipient, scope }: NonNullable<SuppressionListAsk['after']>) =>
  sql<boolean>`(recipient, stream) > (${recipient}, ${scope})`

/** Compiled for each ask: filters come and go, and nobody lists a thousand times a second. */
function listQuery(db: Kysely<Tables>, ask: SuppressionListAsk, end: Place | null): Query<SuppressionRow> {
  let query = db
    .selectFrom('suppressions')
    .select(['account_id', 'recipient', 'stream', 'reason', 'created_at', 'expires_at', 'event_id', 'note'])
    .where('account_id', '=', ask.account)
    .orderBy('recipient')
    .orderBy('stream')
    .limit(ask.limit)
  const { after, reason, scope, domain, now } = ask
  if (after !== null) query = query.where(behind(after))
  if (end !== null)
    query = query.where(sql<boolean>`(recipient, stream) <= (${end.recipient}, ${end.stream})`)
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
  if (ask.reason === null && ask.scope === null && ask.domain === null) {
    return executor.read(listQuery(db, ask, null))
  }
  const found: SuppressionRow[] = []
  let { after } = ask
  for (;;) {
    const rest = { ...ask, after, limit: ask.limit - found.length }
    const [end] = await executor.read(sliceQuery(db, rest))
    found.push(...(await executor.read(listQuery(db, rest, end ?? null))))
    if (end === undefined || found.length >= ask.limit) return found
    after = { recipient: end.recipient, scope: end.stream as SuppressionScope }
    await new Promise((turn) => setImmediate(turn))
  }
}
