//
// Owns: what an operator does to many queued deliveries at once, in chunks of rows looked at, so that a filter which
// matches nothing among a million rows holds the writer no longer than one that matches all.
// Never: touches a leased delivery: an attempt may be under way.

import type { Database } from 'bun:sqlite'
import type { ForwardPath } from '../../core/address.ts'
import type { AccountId, DeliveryId, EventId, MessageId } from '../../core/ids.ts'
import { droppedEvent, EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import type { Value } from '../rows.ts'
import { insertText } from './accept.ts'
import type { WaitingLine } from './waiting-line.ts'
import { type Chunk, COMMAND_ROWS, type CommandOperation, type Plain } from './wire.ts'

interface Candidate {
  readonly id: DeliveryId
  readonly destination: string
  readonly due_at: number | null
  readonly message_id: MessageId
  readonly account_id: AccountId
  readonly recipient: ForwardPath
  /** 1 when account and key are the wanted ones. */
  readonly matches: number
}

/** From waiting (`w`, place is its key) or from held ones (`h`, place is the id). */
type Place = readonly Plain[]

const FACTS = 'd.message_id, d.account_id, d.recipient'

const MATCHES = `${FACTS},
  (?1 IS NULL OR d.account_id = ?1)
  AND (?2 IS NULL OR (SELECT m.key_id FROM messages m WHERE m.id = d.message_id) = ?2)
  AND (?3 IS NULL OR d.message_id = ?3)
  AND (?4 IS NULL OR d.destination = ?4) AS matches`

export function commanding(db: Database, line: WaitingLine) {
  const waiting = db.prepare<Candidate, Plain[]>(`
    SELECT w.delivery_id AS id, w.destination, w.due_at, ${MATCHES}
      FROM (SELECT * FROM waiting WHERE (destination, due_at, delivery_id) > (?5, ?6, ?7)
             ORDER BY destination, due_at, delivery_id LIMIT ${COMMAND_ROWS}) w
      JOIN deliveries d ON d.id = w.delivery_id`)
  const waitingOfMessage = db.prepare<Candidate, Plain[]>(`
    SELECT d.id, d.destination, d.due_at, ${MATCHES}
      FROM deliveries d JOIN waiting w USING (destination, due_at)
     WHERE d.id > ?5 AND d.id < ?6 AND w.delivery_id = d.id ORDER BY d.id LIMIT ${COMMAND_ROWS}`)
  const held = db.prepare<Candidate, Plain[]>(`
    SELECT d.id, d.destination, d.due_at, ${MATCHES}
      FROM deliveries d WHERE d.state = 'held' AND d.id > ?5 ORDER BY d.id LIMIT ${COMMAND_ROWS}`)
  const addEvent = db.prepare<unknown, Value[]>(`INSERT ${insertText('events', EVENT_COLUMNS)}`)
  const setDue = db.prepare('UPDATE deliveries SET due_at = ?2 WHERE id = ?1')
  const setState = db.prepare('UPDATE deliveries SET state = ?2, due_at = ?3, finished_at = ?4 WHERE id = ?1')

  const look = (operation: CommandOperation): { rows: Candidate[]; from: string } => {
    const { filter, after, command } = operation
    const wanted = [filter.accountId, filter.keyId, filter.messageId, filter.destination]
    const [from, ...key] = after ?? [command === 'release' ? 'h' : 'w']
    if (from === 'h') return { rows: held.all(...wanted, key[0] ?? ''), from }
    if (filter.messageId !== null) {
      const low = key[0] ?? `${filter.messageId}.`
      return { rows: waitingOfMessage.all(...wanted, low, `${filter.messageId}/`), from: 'w' }
    }
    const start = key.length === 3 ? key : [filter.destination ?? '', -1, '']
    return { rows: waiting.all(...wanted, ...start), from: 'w' }
  }

  const tell = (row: Candidate, eventId: EventId, now: number): void => {
    const of = { id: eventId, accountId: row.account_id, messageId: row.message_id }
    const event = droppedEvent({ ...of, deliveryId: row.id, recipient: row.recipient, at: now })
    addEvent.run(...eventValues(event))
  }

  const move = (row: Candidate, operation: CommandOperation, from: string): void => {
    const { command, now } = operation
    if (command === 'retry' && row.due_at !== null && row.due_at <= now) return
    if (from === 'w' && row.due_at !== null) line.leave(row.destination, row.due_at, row.id)
    if (command === 'hold') setState.run(row.id, 'held', null, null)
    else if (command === 'drop') setState.run(row.id, 'cancelled', null, now)
    else if (command === 'retry') setDue.run(row.id, now)
    else setState.run(row.id, 'queued', now, null)
    if (command === 'retry' || command === 'release') line.join(row.destination, now, row.id)
  }

  return (operation: CommandOperation): Chunk<Place> => {
    line.writeCounts()
    const { rows, from } = look(operation)
    const left = new Map<string, number>()
    let count = 0
    for (const [place, row] of rows.entries()) {
      if (row.matches !== 1) continue
      const stays = operation.command === 'retry' && row.due_at !== null && row.due_at <= operation.now
      move(row, operation, from)
      const eventId = operation.eventIds[place]
      if (eventId !== undefined) tell(row, eventId, operation.now)
      if (from === 'w' && !stays) left.set(row.destination, (left.get(row.destination) ?? 0) + 1)
      count += 1
    }
    for (const [destination, gone] of left) line.left(destination, gone)
    return { count, next: nextPlace(operation, rows, from) }
  }
}

function nextPlace(operation: CommandOperation, rows: readonly Candidate[], from: string): Place | null {
  const { filter, command } = operation
  const last = rows[rows.length - 1]
  const passed = filter.destination !== null && last !== undefined && last.destination > filter.destination
  if (last !== undefined && rows.length === COMMAND_ROWS && !(from === 'w' && passed)) {
    if (from === 'h' || filter.messageId !== null) return [from, last.id]
    return [from, last.destination, last.due_at, last.id]
  }
  // What is held can be dropped, too.
  return from === 'w' && command === 'drop' ? ['h', ''] : null
}
