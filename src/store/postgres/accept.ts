//
// Owns: writing a group of acceptances: one statement, however many they are, and one more for idempotency keys.
// Never: commits; group.ts does, for all members at once.

import { EVENT_COLUMNS, eventValues, IDEMPOTENCY_COLUMNS, idempotencyValues } from '../log-rows.ts'
import { DELIVERY_COLUMNS, deliveryValues, MESSAGE_COLUMNS, messageValues, type Value } from '../rows.ts'
import type { Holder, Together } from '../store.ts'
import { asJson, insertMany, recordOf, rowsAt } from './bulk.ts'
import type { LineLedger } from './lines.ts'
import type { Transaction } from './writer.ts'

/** Keys go in byte order: two nodes that meet on some of them wait in one direction only. */
const CLAIM_KEYS = `
  INSERT INTO idempotency (${IDEMPOTENCY_COLUMNS.join(', ')})
  SELECT ${IDEMPOTENCY_COLUMNS.join(', ')} FROM ${rowsAt('$1', 'r', IDEMPOTENCY_COLUMNS)}
   ORDER BY account_id COLLATE "C", key COLLATE "C"
  ON CONFLICT DO NOTHING
  RETURNING account_id, key`

const LENT_COLUMNS = [...DELIVERY_COLUMNS, 'lent'] as const

/**
 * One statement for all tables: in small groups it is their number that counts (4 KB messages five at a time, per
 * message: 150 µs of the server's time and 105 of ours as four statements, 115 and 75 as one; fifty at a time 60 and 34
 * against 60 and 23). All bytes come as one
 * parameter and all digests as another: the driver sends them as they are, nothing is escaped.
 */
const RECORDS = `
  WITH given AS (SELECT * FROM ${rowsAt('$1', 'r', LENT_COLUMNS)}),
       mail AS (${insertMany('messages', MESSAGE_COLUMNS, '$4')}),
       log AS (${insertMany('events', EVENT_COLUMNS, '$5')}),
       body AS (
         INSERT INTO contents (id, kind, sha256, size, created_at, bytes)
         SELECT id, kind, substr($8::bytea, (place * 32 - 31)::int, 32), size, created_at,
                substr($7::bytea, "offset"::int, size::int)
           FROM (SELECT *, row_number() OVER () AS place
                   FROM json_to_recordset($6::text::json)
                     AS r(id text, kind text, size bigint, created_at bigint, "offset" bigint)) AS r),
       lend AS (INSERT INTO leased (delivery_id, node, boot) SELECT id, $2, $3 FROM given WHERE lent = 1),
       wait AS (INSERT INTO waiting (line, due_at, delivery_id)
                SELECT line, due_at, id FROM given WHERE lent = 0 AND due_at IS NOT NULL)
  INSERT INTO deliveries (${DELIVERY_COLUMNS.join(', ')}) SELECT ${DELIVERY_COLUMNS.join(', ')} FROM given`

/** Takes the idempotency keys; returns those whose key was taken before. Nothing else of them is written. */
export async function takeKeys(tx: Transaction, asked: readonly Together[]): Promise<ReadonlySet<Together>> {
  const conflicting = new Set<Together>()
  const records = asked.flatMap(({ idempotency }) =>
    idempotency ? [recordOf(IDEMPOTENCY_COLUMNS, idempotencyValues(idempotency))] : [],
  )
  if (records.length === 0) return conflicting
  const rows = await tx.run<{ account_id: string; key: string }>(CLAIM_KEYS, [asJson(records)])
  const taken = new Set(rows.map((row) => `${row.account_id} ${row.key}`))
  for (const together of asked) {
    const { idempotency } = together
    if (idempotency && !taken.has(`${idempotency.accountId} ${idempotency.key}`)) conflicting.add(together)
  }
  return conflicting
}

type DeliveryRecord = Record<(typeof DELIVERY_COLUMNS)[number], Value>

export async function writeAcceptances(
  tx: Transaction,
  acceptances: Together['acceptances'],
  holder: Holder,
  ledger: LineLedger,
): Promise<void> {
  if (acceptances.length === 0) return
  await proveContents(tx, acceptances)
  const messages = acceptances.map(({ message }) => recordOf(MESSAGE_COLUMNS, messageValues(message)))
  const deliveries = acceptances.flatMap(({ message, deliveries: of }) =>
    of.map((one) => ({
      ...(recordOf(DELIVERY_COLUMNS, deliveryValues(one, message)) as DeliveryRecord),
      lent: one.leased ? 1 : 0,
    })),
  )
  const events = acceptances.flatMap((one) =>
    one.events.map((event) => recordOf(EVENT_COLUMNS, eventValues(event))),
  )
  for (const { id, line, lent, state, due_at } of deliveries) {
    if (state === 'queued' && lent === 0) ledger.came(Number(line), Number(due_at), String(id))
  }
  await tx.run(RECORDS, [
    asJson(deliveries),
    holder.node,
    holder.boot,
    asJson(messages),
    asJson(events),
    ...contentsOf(acceptances),
  ])
}

const STORED = 'SELECT id FROM contents WHERE id = ANY(string_to_array($1, $2)) FOR KEY SHARE'

/** Nobody may be told yes for a message whose content retention has taken. What this commit brings need not be asked for. */
async function proveContents(tx: Transaction, acceptances: Together['acceptances']): Promise<void> {
  const brought = new Set(acceptances.map(({ content }) => content?.id))
  const named = new Set(
    acceptances.flatMap(({ message: { contentId } }) => (brought.has(contentId) ? [] : [contentId])),
  )
  if (named.size === 0) return
  const rows = await tx.run<{ id: string }>(STORED, [[...named].join(','), ','])
  const stored = new Set(rows.map(({ id }) => id))
  const missing = [...named].find((id) => !stored.has(id))
  if (missing !== undefined) throw new Error(`content ${missing} is not in the store`)
}

/** The rows, then their bytes one after the other, then their digests. */
function contentsOf(acceptances: Together['acceptances']): readonly [string, Uint8Array, Uint8Array] {
  const bytes: Uint8Array[] = []
  const digests: Uint8Array[] = []
  const rows: Record<string, string | number>[] = []
  let offset = 1
  for (const { content, message } of acceptances) {
    if (!content) continue
    const size = content.bytes.byteLength
    rows.push({ id: content.id, kind: content.kind, size, created_at: message.createdAt, offset })
    bytes.push(content.bytes)
    digests.push(content.sha256)
    offset += size
  }
  return [asJson(rows), Buffer.concat(bytes), Buffer.concat(digests)]
}
