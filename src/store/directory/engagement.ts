// Owns: the statements over what readers did, for both engines. Events of a batch travel as one JSON text: one statement for
// hundreds of them.

import type { Selectable } from 'kysely'
import type { Domain, ForwardPath } from '../../core/address.ts'
import type { AccountId, DeliveryId } from '../../core/ids.ts'
import { fault, ok } from '../../core/result.ts'
import type { Suppression } from '../../core/suppression.ts'
import type { Copy, EngagementStore, KeptWayOut, LeavingEvent, ReadingEvent } from '../engagement-store.ts'
import type { Executor, Query } from '../executor.ts'
import { EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import { orNull, tagsOf, wishesOf } from '../rows.ts'
import type { Store } from '../store.ts'
import type { DeliveryTable, MessageTable } from '../tables.ts'
import { each, eachText, placesOn } from './texts.ts'
import { settled } from './writes.ts'

type Engine = Store['engine']
type Row = Pick<Selectable<DeliveryTable>, 'id' | 'message_id' | 'recipient' | 'state' | 'finished_at'> &
  Pick<Selectable<MessageTable>, 'account_id' | 'mode' | 'tags' | 'wishes' | 'signing_domain'>

const COPY_COLUMNS =
  'd.id, d.message_id, d.recipient, d.state, d.finished_at, m.account_id, m.mode, m.tags, m.wishes, m.signing_domain'

/** A read of the serving thread's own connection stays this short: some milliseconds. */
const AT_ONCE = 500

function textsFor(engine: Engine) {
  const at = placesOn(engine)
  const columns = EVENT_COLUMNS.join(', ')
  const values = EVENT_COLUMNS.map((column, index) =>
    column === 'at' ? `CAST(value->>${index} AS bigint)` : `value->>${index}`,
  ).join(', ')
  const append = `INSERT INTO events (${columns}) SELECT ${values} FROM ${each(engine)} WHERE true`
  return {
    copies: `SELECT ${COPY_COLUMNS} FROM ${eachText(engine, 1, 'item')} JOIN deliveries d ON d.id = value
      JOIN messages m ON m.id = d.message_id`,
    wayOut: `SELECT account_id, recipient, signing_domain, list FROM ways_out WHERE delivery_id = ${at(1)}`,
    append,
    // A batch is one commit: where its first event is, all are.
    appendOnce: `${append} AND NOT EXISTS (SELECT 1 FROM events WHERE message_id = ${at(2)} AND id = ${at(3)})`,
    leave: leaveTexts(engine, columns),
  }
}

/** What somebody has put there for a time only lasts from now on. */
const LONGER = `ON CONFLICT (account_id, recipient, stream) DO UPDATE SET
    reason = excluded.reason, created_at = excluded.created_at, expires_at = excluded.expires_at,
    event_id = excluded.event_id, note = excluded.note, provider = excluded.provider
  WHERE suppressions.expires_at IS NOT NULL
    AND (excluded.expires_at IS NULL OR excluded.expires_at > suppressions.expires_at)`
const ENTRY = `INSERT INTO suppressions
  (account_id, recipient, stream, reason, created_at, expires_at, event_id, note, provider)`

/** The entry first, whose row two that come at once wait for; its event if it was written. The last statement tells. */
function leaveTexts(
  engine: Engine,
  columns: string,
): readonly { sql: string; takes: 'entry' | 'event' | 'both' }[] {
  if (engine === 'sqlite') {
    return [
      { sql: `${ENTRY} VALUES (?, ?, ?, ?, ?, ?, ?, ?, '') ${LONGER}`, takes: 'entry' },
      {
        sql: `INSERT INTO events (${columns}) SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE changes() > 0 RETURNING id`,
        takes: 'event',
      },
    ]
  }
  const types = EVENT_COLUMNS.map((column) => (column === 'at' ? 'bigint' : 'text'))
  const values = types.map((type, index) => `CAST($${index + 9} AS ${type})`).join(', ')
  return [
    {
      sql: `WITH entry AS (
          ${ENTRY} VALUES ($1, $2, $3, $4, $5::bigint, $6::bigint, $7, $8, '') ${LONGER} RETURNING recipient)
        INSERT INTO events (${columns}) SELECT ${values} FROM entry RETURNING id`,
      takes: 'both',
    },
  ]
}

export function engagementOn(engine: Engine, executor: Executor): EngagementStore {
  const text = textsFor(engine)
  const read = async (ids: readonly DeliveryId[]): Promise<readonly Row[]> =>
    executor.read<Row>({ sql: text.copies, values: [JSON.stringify(ids)] })
  return {
    async copies(ids) {
      const found = new Map<DeliveryId, Copy>()
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        for (const row of await read(ids.slice(from, from + AT_ONCE))) {
          const copy = copyOfRow(row)
          found.set(copy.id, copy)
        }
      }
      return found
    },
    async wayOut(id) {
      const [row] = await executor.read<KeptRow>({ sql: text.wayOut, values: [id] })
      return row === undefined ? null : keptOfRow(row)
    },
    async append(events, again) {
      const [first] = events
      if (first === undefined) return ok(undefined)
      return settled(await executor.write([appending(text, events, again === 'again' ? first : null)]))
    },
    async leave(event, entry) {
      const written = await executor.write(leaving(text, event, entry))
      if (!written.ok) {
        if (written.error === 'exists') throw new Error('an entry met a taken key that it takes over')
        return fault(written.error)
      }
      return ok((written.value.at(-1)?.length ?? 0) > 0 ? 'done' : 'known')
    },
  }
}

interface KeptRow {
  readonly account_id: string
  readonly recipient: string
  readonly signing_domain: string
  readonly list: string | null
}

const keptOfRow = (row: KeptRow): KeptWayOut => ({
  accountId: row.account_id as AccountId,
  recipient: row.recipient as ForwardPath,
  signingDomain: row.signing_domain as Domain,
  list: row.list,
})

type Texts = ReturnType<typeof textsFor>

function appending(text: Texts, events: readonly ReadingEvent[], proof: ReadingEvent | null): Query {
  const json = JSON.stringify(events.map(eventValues))
  if (proof === null) return { sql: text.append, values: [json] }
  return { sql: text.appendOnce, values: [json, proof.messageId, proof.id] }
}

function leaving(text: Texts, event: LeavingEvent, entry: Suppression): readonly Query[] {
  const { accountId, recipient, scope, reason, createdAt, expiresAt, note } = entry
  const ofEntry = [accountId, recipient, scope, reason, createdAt, expiresAt, event.id, note.toWellFormed()]
  const values = { entry: ofEntry, event: eventValues(event) }
  return text.leave.map(({ sql, takes }) => ({
    sql,
    values: takes === 'both' ? [...values.entry, ...values.event] : values[takes],
  }))
}

const copyOfRow = (row: Row): Copy => ({
  id: row.id as Copy['id'],
  messageId: row.message_id as Copy['messageId'],
  accountId: row.account_id as Copy['accountId'],
  recipient: row.recipient as Copy['recipient'],
  state: row.state as Copy['state'],
  finishedAt: orNull(row.finished_at),
  mode: row.mode as Copy['mode'],
  tags: tagsOf(row.tags),
  wishes: wishesOf(row.wishes),
  signingDomain: row.signing_domain as Copy['signingDomain'],
})
