// Owns: writing an acceptance: content, message, deliveries, events, idempotency record.

import type { Database } from 'bun:sqlite'
import { EVENT_COLUMNS, IDEMPOTENCY_COLUMNS } from '../log-rows.ts'
import { CONTENT_COLUMNS, DELIVERY_COLUMNS, MESSAGE_COLUMNS } from '../rows.ts'
import type { AcceptConflict, Holder } from '../store.ts'
import type { Boots } from './boots.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { AcceptedRows, AcceptOperation, Operation, Plain, TogetherOperation } from './wire.ts'

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

  const addDeliveries = ({ deliveries, leased }: AcceptedRows, holder: Holder): void => {
    for (const [index, values] of deliveries.entries()) {
      addDelivery.run(...values)
      if (values[STATE] !== 'queued') continue
      const id = String(values[ID])
      if (leased[index] === 1) boots.lease(id, holder)
      else line.join(Number(values[LINE]), Number(values[DUE_AT]), id)
    }
  }

  const add = (rows: AcceptedRows, holder: Holder, octets: Octets): void => {
    const { content, message, events } = rows
    const sha256 = content === null ? null : octets(SHA256_OCTETS)
    const bytes = content === null ? null : octets(content[2])
    // Nobody may be told yes for a message whose content retention has taken.
    if (content === null && hasContent.all(message[CONTENT_ID] ?? null).length === 0) {
      throw new Error(`content ${message[CONTENT_ID]} is not in the store`)
    }
    if (content !== null) addContent.run(content[0], content[1], sha256, content[2], content[3], bytes)
    addMessage.run(...message)
    addDeliveries(rows, holder)
    for (const event of events) addEvent.run(...(event as Plain[]))
  }

  return (operation: AcceptOperation | TogetherOperation, octets: Octets): AcceptConflict | null => {
    const { holder, idempotency } = operation
    const all = operation.op === 'accept' ? [operation] : operation.accepts
    if (idempotency !== null && addRecord.run(...idempotency).changes === 0) {
      // A refused member's octets must not become its successor's.
      octets(octetsOf(operation))
      return 'idempotency-conflict'
    }
    const [first] = all
    if (first && all.some(({ leased }) => leased.includes(1))) {
      boots.meet(holder, Number(first.message[CREATED_AT]))
    }
    for (const rows of all) add(rows, holder, octets)
    return null
  }
}

/** Of the group's buffer, what is this operation's. */
export function octetsOf(operation: Operation): number {
  if (operation.op === 'accept') return octetsOfOne(operation)
  if (operation.op !== 'together') return 0
  return operation.accepts.reduce((sum, one) => sum + octetsOfOne(one), 0)
}

const octetsOfOne = ({ content }: AcceptedRows): number => (content === null ? 0 : SHA256_OCTETS + content[2])

const [ID, STATE, DUE_AT, LINE] = (['id', 'state', 'due_at', 'line'] as const).map((column) =>
  DELIVERY_COLUMNS.indexOf(column),
) as [number, number, number, number]
const CONTENT_ID = MESSAGE_COLUMNS.indexOf('content_id')
const CREATED_AT = MESSAGE_COLUMNS.indexOf('created_at')
