//
// Owns: the mapping between rows and the values of core/ for what is appended: attempts, events, idempotency records.
// Never: statements.

import type { Selectable } from 'kysely'
import { type AccountEvent, isOfMail, type LogEvent, type MailEvent, NO_MESSAGE } from '../core/event.ts'
import type { AccountId, DeliveryId } from '../core/ids.ts'
import { orNull, type Value } from './rows.ts'
import type { AttemptRecord, IdempotencyRecord } from './store.ts'
import type { AttemptTable, EventTable, IdempotencyTable } from './tables.ts'

// ── Attempts ────────────────────────────────────────────────────────────────────────────────────

export const ATTEMPT_COLUMNS = [
  'delivery_id',
  'number',
  'outcome',
  'started_at',
  'ended_at',
  'mx',
  'address',
  'source',
  'tls',
  'peer_software',
  'diagnostic',
  'code',
  'enhanced_code',
  'via',
  'transcript',
] as const

export const attemptValues = (id: DeliveryId, attempt: AttemptRecord): Value[] => [
  id,
  attempt.number,
  attempt.outcome,
  attempt.startedAt,
  attempt.endedAt,
  attempt.mx,
  attempt.address,
  attempt.source,
  attempt.tls === null ? null : JSON.stringify(attempt.tls),
  attempt.peerSoftware,
  attempt.diagnostic,
  attempt.code,
  attempt.enhancedCode,
  attempt.via,
  attempt.transcript,
]

export const attemptOfRow = (row: Selectable<AttemptTable>): AttemptRecord & { deliveryId: DeliveryId } => ({
  deliveryId: row.delivery_id as DeliveryId,
  number: Number(row.number),
  outcome: row.outcome as AttemptRecord['outcome'],
  startedAt: Number(row.started_at),
  endedAt: Number(row.ended_at),
  mx: row.mx,
  address: row.address,
  source: row.source,
  tls: row.tls === null ? null : (JSON.parse(row.tls) as AttemptRecord['tls']),
  peerSoftware: row.peer_software,
  diagnostic: row.diagnostic,
  code: orNull(row.code),
  enhancedCode: row.enhanced_code,
  via: row.via,
  transcript: row.transcript,
})

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

export const EVENT_COLUMNS = [
  'id',
  'account_id',
  'message_id',
  'delivery_id',
  'recipient',
  'type',
  'at',
  'body',
] as const

export function eventValues(event: LogEvent): Value[] {
  if (!isOfMail(event)) return accountEventValues(event)
  const { id, accountId, messageId, deliveryId, recipient, type, at } = event
  return [id, accountId, messageId, deliveryId, recipient, type, at, bodyOf(event)]
}

/** What it is about stands where mail has its recipient. */
const accountEventValues = ({ accountId, at, details, id, subject, type }: AccountEvent): Value[] => [
  id,
  accountId,
  NO_MESSAGE,
  '',
  subject,
  type,
  at,
  JSON.stringify(details),
]

function bodyOf(event: MailEvent): string {
  if (event.type === 'email.queued') return '{}'
  const { id, accountId, messageId, deliveryId, recipient, type, at, ...facts } = event
  return JSON.stringify(facts)
}

/** What somebody ended. */
export const droppedEvent = (
  of: Pick<MailEvent, 'id' | 'accountId' | 'messageId' | 'deliveryId' | 'recipient' | 'at'>,
  reason = 'dropped by the operator',
): MailEvent => ({ ...of, type: 'email.cancelled', reason })

export function logEventOfRow(row: Selectable<EventTable>): LogEvent {
  if (row.message_id !== NO_MESSAGE) return eventOfRow(row)
  return {
    id: row.id as AccountEvent['id'],
    accountId: row.account_id as AccountId,
    messageId: NO_MESSAGE,
    recipient: null,
    type: row.type as AccountEvent['type'],
    subject: row.recipient,
    at: Number(row.at),
    details: JSON.parse(row.body) as AccountEvent['details'],
  }
}

export function eventOfRow(row: Selectable<EventTable>): MailEvent {
  const head = {
    id: row.id,
    type: row.type,
    accountId: row.account_id,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    recipient: row.recipient,
    at: Number(row.at),
  }
  // Half of the log says nothing more.
  return (row.body === '{}' ? head : { ...head, ...JSON.parse(row.body) }) as MailEvent
}

// ── Idempotency ─────────────────────────────────────────────────────────────────────────────────

export const IDEMPOTENCY_COLUMNS = ['account_id', 'key', 'body_hash', 'answer', 'created_at'] as const

export const idempotencyValues = (record: IdempotencyRecord): Value[] => [
  record.accountId,
  record.key,
  record.bodyHash,
  record.answer,
  record.createdAt,
]

export const idempotencyOfRow = (row: Selectable<IdempotencyTable>): IdempotencyRecord => ({
  accountId: row.account_id as AccountId,
  key: row.key,
  bodyHash: row.body_hash,
  answer: row.answer,
  createdAt: Number(row.created_at),
})
