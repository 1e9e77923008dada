//
// Owns: looking up messages and what became of them; the same statements for both engines.
// Never: writes.

import type { Selectable } from 'kysely'
import type { ContentId } from '../core/ids.ts'
import type { Delivery } from '../core/message.ts'
import { compilerFor, type Executor, listStatement, places, statement } from './executor.ts'
import { attemptOfRow, eventOfRow, idempotencyOfRow } from './log-rows.ts'
import { contentOf, deliveryOfRow, deliveryRange, messageOfRow } from './rows.ts'
import type { MessageStore, Store } from './store.ts'
import type { DeliveryTable } from './tables.ts'

function statementsFor(engine: Store['engine']) {
  const db = compilerFor(engine)
  return {
    get: statement(() => db.selectFrom('messages').selectAll().where('id', '=', '')),
    getOf: statement(() =>
      db.selectFrom('messages').selectAll().where('id', '=', '').where('account_id', '=', ''),
    ),
    deliveries: statement(() =>
      db.selectFrom('deliveries').selectAll().where('id', '>=', '').where('id', '<', ''),
    ),
    // Ids begin with their time: their order is that of acceptance.
    last: statement(() => db.selectFrom('deliveries').selectAll().orderBy('id', 'desc').limit(1)),
    delivery: statement(() => db.selectFrom('deliveries').selectAll().where('id', '=', '')),
    attempts: statement(() =>
      db
        .selectFrom('attempts')
        .selectAll()
        .where('delivery_id', '>=', '')
        .where('delivery_id', '<', '')
        .orderBy('delivery_id')
        .orderBy('number'),
    ),
    events: statement(() => db.selectFrom('events').selectAll().where('message_id', '=', '').orderBy('seq')),
    contents: listStatement((size) =>
      db.selectFrom('contents').select(['id', 'kind', 'sha256', 'bytes']).where('id', 'in', places(size)),
    ),
    idempotency: statement(() =>
      db.selectFrom('idempotency').selectAll().where('account_id', '=', '').where('key', '=', ''),
    ),
  }
}

const ordinalOf = (id: string): number => Number(id.slice(id.lastIndexOf('.') + 1))

/** The key sorts `.10` before `.2`; people expect the order of the envelope. */
const inEnvelopeOrder = (rows: readonly Selectable<DeliveryTable>[]): readonly Delivery[] =>
  rows.map(deliveryOfRow).sort((a, b) => ordinalOf(a.id) - ordinalOf(b.id))

export function messageLookUps(engine: Store['engine'], executor: Executor): MessageStore {
  const sql = statementsFor(engine)
  return {
    async get(id, account) {
      const [row] = await executor.read(account === null ? sql.get(id) : sql.getOf(id, account))
      return row ? messageOfRow(row) : null
    },
    async deliveries(id) {
      const { low, high } = deliveryRange(id)
      return inEnvelopeOrder(await executor.read(sql.deliveries(low, high)))
    },
    async delivery(id) {
      const [row] = await executor.read(sql.delivery(id))
      return row ? deliveryOfRow(row) : null
    },
    async lastDelivered(among) {
      const rows = await executor.read(sql.last(among))
      return rows.filter(({ state }) => state === 'delivered').map(deliveryOfRow)
    },
    async attempts(id) {
      const { low, high } = deliveryRange(id)
      return (await executor.read(sql.attempts(low, high))).map(attemptOfRow)
    },
    async events(id) {
      return (await executor.read(sql.events(id))).map(eventOfRow)
    },
    async fate(id) {
      const { low, high } = deliveryRange(id)
      const [deliveries, attempts, events] = await executor.readAtOnce([
        sql.deliveries(low, high),
        sql.attempts(low, high),
        sql.events(id),
      ])
      return {
        deliveries: inEnvelopeOrder(deliveries),
        attempts: attempts.map(attemptOfRow),
        events: events.map(eventOfRow),
      }
    },
    async contents(ids) {
      const found = new Map<ContentId, ReturnType<typeof contentOf>>()
      for (const query of sql.contents([], ids)) {
        for (const row of await executor.read(query)) found.set(row.id as ContentId, contentOf(row))
      }
      return found
    },
    async idempotency(account, key) {
      const [row] = await executor.read(sql.idempotency(account, key))
      return row ? idempotencyOfRow(row) : null
    },
  }
}
