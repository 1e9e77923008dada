// Owns: writing an acceptance: content, message, deliveries, events, idempotency record.

import type { Database } from 'bun:sqlite'
import { EVENT_COLUMNS, IDEMPOTENCY_COLUMNS } from '../log-rows.ts'
import { CONTENT_COLUMNS, DELIVERY_COLUMNS, MESSAGE_COLUMNS } from '../rows.ts'
import type { AcceptConflict } from '../store.ts'
import type { Boots } from './boots.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { AcceptOperation, Plain } from './wire.ts'

export const insertText = (table: string, columns: readonly string[]): string =>
  `INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`

/** Cuts the next octets of the group's buffer. */
export type Octets = (size: number) => Uint8Array

export const SHA256_OCTETS = 32

export function acceptance(db: Database, line: WaitingLine, boots: Boots) {
  const addContent = db.prepare(`INSERT ${insertText('contents', CONTENT_COLUMNS)}`)
  const addMessage = db.prepare(`INSERT ${insertText('messages', MESSAGE_COLUMNS)}`)
  const addDelivery = db.prepare(`INSERT ${insertText('deliveries', DELIVERY_COLUMNS)}`)
  const addEvent = db.prepare(`INSERT ${insertText('events', EVENT_COLUMNS)}`)
  // A key that is taken refuses this member before it has written anything: no savepoint is needed.
  const addRecord = db.prepare(`INSERT OR IGNORE ${insertText('idempotency', IDEMPOTENCY_COLUMNS)}`)

  const hasContent = db.prepare<{ id: string }, [Plain]>('SELECT id FROM contents WHERE id = ?')

  const addDeliveries = (operation: AcceptOperation): void => {
    const { deliveries, leased, holder } = operation
    for (const [index, values] of deliveries.entries()) {
      addDelivery.run(...values)
      if (values[STATE] !== 'queued') continue
      const id = String(values[ID])
      if (leased[index] === 1) boots.lease(id, holder)
      else line.join(Number(values[LINE]), Number(values[DUE_AT]), id)
    }
  }

  return (operation: AcceptOperation, octets: Octets): AcceptConflict | null => {
    const { content, message, events, idempotency, holder } = operation
    // Cut first: a refused member's octets must not become its successor's.
    const sha256 = content === null ? null : octets(SHA256_OCTETS)
    const bytes = content === null ? null : octets(content[2])
    if (idempotency !== null && addRecord.run(...idempotency).changes === 0) return 'idempotency-conflict'
    if (operation.leased.includes(1)) boots.meet(holder, Number(message[CREATED_AT]))
    // Nobody may be told yes for a message whose content retention has taken.
    if (content === null && hasContent.all(message[CONTENT_ID] ?? null).length === 0) {
      throw new Error(`content ${message[CONTENT_ID]} is not in the store`)
    }
    if (content !== null) addContent.run(content[0], content[1], sha256, content[2], content[3], bytes)
    addMessage.run(...message)
    addDeliveries(operation)
    for (const event of events) addEvent.run(...(event as Plain[]))
    return null
  }
}

const [ID, STATE, DUE_AT, LINE] = (['id', 'state', 'due_at', 'line'] as const).map((column) =>
  DELIVERY_COLUMNS.indexOf(column),
) as [number, number, number, number]
const CONTENT_ID = MESSAGE_COLUMNS.indexOf('content_id')
const CREATED_AT = MESSAGE_COLUMNS.indexOf('created_at')
