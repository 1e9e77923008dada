//
// Owns: what an operator does to many queued deliveries at once, in chunks of rows looked at, so that a filter which
// matches nothing among a million rows holds the writer no longer than one that matches all.
// Never: touches a leased delivery: an attempt may be under way.
//
// Nearly all of a filter is said of whole lines: one that does not match is stepped over, however long it is.

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
  readonly line: number
  readonly due_at: number | null
  readonly message_id: MessageId
  readonly account_id: AccountId
  readonly recipient: ForwardPath
  /** Null once it was tried. */
  readonly scheduled_at: number | null
  /** 1 when it is wanted. */
  readonly matches: number
}

/**
 * From waiting (`w`: line, due time and id of the last one looked at), from the waiting of one message (`m`: id) or from
 * held ones (`h`: id).
 */
type Place = readonly Plain[]

/** Lines stepped over per commit, half a microsecond each. */
const LINES_AT_ONCE = 5000

const FACTS = `d.id, d.line, d.due_at, d.message_id, d.account_id, d.recipient,
  CASE WHEN d.attempts = 0 THEN (SELECT m.scheduled_at FROM messages m WHERE m.id = d.message_id) END AS scheduled_at`
/** ?1 to ?7, the same for every statement. */
const MATCHES = `(?1 IS NULL OR d.account_id = ?1)
  AND (?2 IS NULL OR (SELECT m.key_id FROM messages m WHERE m.id = d.message_id) = ?2)
  AND (?3 IS NULL OR d.message_id = ?3)
  AND (?4 IS NULL OR d.destination = ?4)
  AND (?5 IS NULL OR (SELECT n.provider FROM destinations n WHERE n.destination = d.destination) = ?5)
  AND (?6 IS NULL OR (SELECT m.campaign FROM messages m WHERE m.id = d.message_id) = ?6)
  AND (?7 IS NULL OR ?7 = (SELECT m.stream = 'marketing' FROM messages m WHERE m.id = d.message_id)) AS matches`
const LINE_MATCHES = `(?1 IS NULL OR account_id = ?1) AND (?2 IS NULL OR ?2 = ?2) AND (?3 IS NULL OR ?3 = ?3)
  AND (?4 IS NULL OR destination = ?4) AND (?5 IS NULL OR provider = ?5) AND (?6 IS NULL OR campaign = ?6)
  AND (?7 IS NULL OR rank = ?7)`

export function commanding(db: Database, line: WaitingLine) {
  const look = looking(db)
  const addEvent = db.prepare<unknown, Value[]>(`INSERT ${insertText('events', EVENT_COLUMNS)}`)
  const setDue = db.prepare('UPDATE deliveries SET due_at = ?2 WHERE id = ?1')
  const setState = db.prepare('UPDATE deliveries SET state = ?2, due_at = ?3, finished_at = ?4 WHERE id = ?1')

  const tell = (row: Candidate, eventId: EventId, { now, reason }: CommandOperation): void => {
    const of = { id: eventId, accountId: row.account_id, messageId: row.message_id }
    const event = droppedEvent({ ...of, deliveryId: row.id, recipient: row.recipient, at: now }, reason)
    addEvent.run(...eventValues(event))
  }

  const move = (row: Candidate, { command, now }: CommandOperation): void => {
    if (row.due_at !== null) line.leave(row.line, row.due_at, row.id)
    if (command === 'hold') setState.run(row.id, 'held', null, null)
    else if (command === 'drop') setState.run(row.id, 'cancelled', null, now)
    else if (command === 'release') setState.run(row.id, 'queued', dueFrom(row, now), null)
    else setDue.run(row.id, dueFrom(row, now))
    if (command !== 'hold' && command !== 'drop') line.join(row.line, dueFrom(row, now), row.id)
  }

  return (operation: CommandOperation): Chunk<Place> => {
    const { command, now, eventIds } = operation
    line.writeCounts()
    const { rows, next } = look(operation)
    const left = new Map<number, number>()
    let count = 0
    for (const [place, row] of rows.entries()) {
      // What is scheduled leaves at its time, whatever else is to be tried now.
      if (row.matches !== 1 || (command === 'retry' && dueFrom(row, now) > now)) continue
      count += 1
      // What is due already need not be moved; it counts as asked for.
      if (command === 'retry' && row.due_at !== null && row.due_at <= now) continue
      move(row, operation)
      const eventId = eventIds[place]
      if (eventId !== undefined) tell(row, eventId, operation)
      if (row.due_at !== null) left.set(row.line, (left.get(row.line) ?? 0) + 1)
    }
    for (const [id, gone] of left) line.left(id, gone)
    return { count, next }
  }
}

/** The earliest time at which it may leave. */
const dueFrom = ({ scheduled_at }: Candidate, now: number): number => Math.max(now, scheduled_at ?? 0)

interface Look {
  readonly rows: readonly Candidate[]
  readonly next: Place | null
}

function looking(db: Database): (operation: CommandOperation) => Look {
  const ofLine = db.prepare<Candidate, Plain[]>(`
    SELECT ${FACTS}, ${MATCHES}
      FROM (SELECT * FROM waiting WHERE line = ?8 AND (due_at, delivery_id) > (?9, ?10)
             ORDER BY due_at, delivery_id LIMIT ?11) w
      JOIN deliveries d ON d.id = w.delivery_id ORDER BY w.due_at, w.delivery_id`)
  const nextLines = db.prepare<{ id: number; matches: number }, Plain[]>(`
    SELECT id, ${LINE_MATCHES} AND waiting > 0 AS matches FROM lines WHERE id > ?8 ORDER BY id LIMIT ${LINES_AT_ONCE}`)
  const ofMessage = db.prepare<Candidate, Plain[]>(`
    SELECT ${FACTS}, ${MATCHES} FROM deliveries d JOIN waiting w USING (line, due_at)
     WHERE d.id > ?8 AND d.id < ?9 AND w.delivery_id = d.id ORDER BY d.id LIMIT ${COMMAND_ROWS}`)
  const held = db.prepare<Candidate, Plain[]>(`
    SELECT ${FACTS}, ${MATCHES}
      FROM deliveries d WHERE d.state = 'held' AND d.id > ?8 AND d.id < ?9 ORDER BY d.id LIMIT ${COMMAND_ROWS}`)

  /** The rest of the line that was begun, then as many others as fit. */
  const waiting = (wanted: readonly Plain[], key: Place): { rows: Candidate[]; end: Place | null } => {
    const rows: Candidate[] = []
    const [begun = null, dueAt = 0, id = ''] = key
    const take = (line: number, from: readonly Plain[]): boolean => {
      const room = COMMAND_ROWS - rows.length
      const some = ofLine.all(...wanted, line, ...from, room)
      rows.push(...some)
      return some.length < room
    }
    const endOf = (line: number): Place => {
      const last = rows[rows.length - 1]
      return ['w', line, last?.due_at ?? 0, last?.id ?? '']
    }
    if (begun !== null && !take(Number(begun), [dueAt, id])) return { rows, end: endOf(Number(begun)) }
    const lines = nextLines.all(...wanted, begun ?? Number.MIN_SAFE_INTEGER)
    for (const { id: line, matches } of lines) {
      if (matches === 1 && !take(line, [Number.MIN_SAFE_INTEGER, ''])) return { rows, end: endOf(line) }
    }
    const last = lines.length < LINES_AT_ONCE ? undefined : lines[lines.length - 1]
    // Behind everything that can stand in that line.
    return { rows, end: last ? ['w', last.id, Number.MAX_SAFE_INTEGER, ''] : null }
  }

  return ({ filter, after, command }) => {
    const { accountId, keyId, messageId, destination, provider, campaign, rank } = filter
    const wanted = [accountId, keyId, messageId, destination, provider, campaign, rank]
    const first = command === 'release' ? 'h' : messageId === null ? 'w' : 'm'
    const [from, ...key] = after ?? [first]
    const range = messageId === null ? ['', '\u{10ffff}'] : [`${messageId}.`, `${messageId}/`]
    const behind = key[0] || (range[0] ?? '')
    if (from === 'h') return paged('h', held.all(...wanted, behind, range[1] ?? ''), null)
    // What is held can be dropped, too.
    const then = command === 'drop' ? (['h', ''] as const) : null
    if (from === 'w') {
      const { rows, end } = waiting(wanted, key)
      return { rows, next: end ?? then }
    }
    return paged('m', ofMessage.all(...wanted, key[0] ?? `${messageId}.`, `${messageId}/`), then)
  }
}

function paged(from: string, rows: readonly Candidate[], then: Place | null): Look {
  const last = rows.length < COMMAND_ROWS ? undefined : rows[rows.length - 1]
  return { rows, next: last ? [from, last.id] : then }
}
