//
// Owns: QueueStore of SQLite on the serving thread: turns core values into operations for the writer.
// Never: SQL, which is in the files of the operations.

import { fault, ok, type Result } from '../../core/result.ts'
import { rankOf } from '../line.ts'
import { attemptValues, eventValues, idempotencyValues } from '../log-rows.ts'
import { type ClaimedRow, claimedOfRow, deliveryValues, messageValues, type Value } from '../rows.ts'
import type {
  Acceptance,
  AcceptConflict,
  Beat,
  ExpiredPage,
  QueueFilter,
  QueueOverview,
  QueueStore,
  SettleCount,
  Settlement,
  Together,
} from '../store.ts'
import { type StoreFault, StoreUnavailable } from '../store-fault.ts'
import type { Beaten } from './boots.ts'
import type { DueReader } from './due.ts'
import type { Side } from './side.ts'
import {
  type AcceptedRows,
  type AcceptOperation,
  type Chunk,
  COMMAND_ROWS,
  type CommandOperation,
  type Operation,
  type Plain,
  type TogetherOperation,
  type WireSettlement,
} from './wire.ts'
import type { Weight, Writer } from './writer.ts'

/** What a row weighs in the inbox, about. */
const ROW_BYTES = 250
const SMALL: Weight = { rows: 10, bytes: ROW_BYTES }

export function sqliteQueue(writer: Writer, side: Side, due: DueReader): Omit<QueueStore, 'late'> {
  return {
    accept: (acceptance) => accept(writer, acceptance),
    acceptAll: (together) => acceptAll(writer, together),
    async dueLines(ask) {
      return due.lines(ask)
    },
    async claim(asks, now, holder) {
      if (asks.length === 0) return []
      const wanted = asks.map((ask) =>
        'limit' in ask ? ([ask.line, ask.limit] as const) : ([ask.line, ask.dueAt, ask.deliveryId] as const),
      )
      const rows = asks.reduce((sum, ask) => sum + 3 * ('limit' in ask ? ask.limit : 1), 0)
      const end = await writer.run({ op: 'claim', asks: wanted, now, holder }, { rows, bytes: ROW_BYTES })
      return end.ok ? (end.value as readonly ClaimedRow[]).map(claimedOfRow) : []
    },
    async settle(settlements, holder) {
      if (settlements.length === 0) return ok({ settled: 0, stale: 0 })
      const rows = settlements.length * 4
      const wire = settlements.map(wireSettlement)
      const end = await writer.run(
        { op: 'settle', settlements: wire, holder },
        { rows, bytes: rows * ROW_BYTES },
      )
      return end.ok ? ok(end.value as SettleCount) : fault(faultOf(end.error))
    },
    heartbeat: (holder, now, until) => beat(writer, { op: 'beat', holder, now, until }),
    async assignProviders(assignments) {
      for (let at = 0; at < assignments.length; at += PROVIDERS_AT_ONCE) {
        const some = assignments.slice(at, at + PROVIDERS_AT_ONCE)
        const wire = some.map((one) => [one.destination, one.provider] as const)
        await writer.run({ op: 'providers', assignments: wire }, { rows: some.length, bytes: ROW_BYTES })
      }
    },
    overview: (limit) => side.ask({ what: 'overview', limit }) as Promise<QueueOverview>,
    expired: (ask) => side.ask({ what: 'expired', ask }) as Promise<ExpiredPage>,
    bringForward: (now, back) =>
      inChunks<readonly Plain[]>(writer, (after) => ({ op: 'forward', now, back, after })),
    command(command, filter, now) {
      const order = { op: 'command', command, filter: wireFilter(filter), now, eventIds: [] } as const
      return inChunks<readonly Plain[]>(writer, (after) => ({ ...order, after }))
    },
    drop(filter, now, eventId, reason) {
      const why = reason === undefined ? null : { reason }
      const order = { op: 'command', command: 'drop', filter: wireFilter(filter), now, ...why } as const
      const eventIds = () => Array.from({ length: COMMAND_ROWS }, eventId)
      return inChunks<readonly Plain[]>(writer, (after) => ({ ...order, after, eventIds: eventIds() }))
    },
    async nextDueAt() {
      return due.next()
    },
  }
}

const PROVIDERS_AT_ONCE = 1000

async function accept(
  writer: Writer,
  acceptance: Acceptance,
): Promise<Result<void, StoreFault | AcceptConflict>> {
  const { content, idempotency, holder } = acceptance
  const operation: AcceptOperation = {
    op: 'accept',
    ...rowsOf(acceptance),
    idempotency: idempotency && plain(idempotencyValues(idempotency)),
    holder,
  }
  const parts = content ? [content.sha256, content.bytes] : []
  return acceptEnd(await writer.run(operation, weightOf(acceptance), parts))
}

async function acceptAll(
  writer: Writer,
  { acceptances, idempotency, holder }: Together,
): Promise<Result<void, StoreFault | AcceptConflict>> {
  const operation: TogetherOperation = {
    op: 'together',
    accepts: acceptances.map(rowsOf),
    idempotency: idempotency && plain(idempotencyValues(idempotency)),
    holder,
  }
  let rows = 1
  let bytes = 0
  const parts: Uint8Array[] = []
  for (const one of acceptances) {
    const weight = weightOf(one)
    rows += weight.rows
    bytes += weight.bytes
    if (one.content !== null) parts.push(one.content.sha256, one.content.bytes)
  }
  return acceptEnd(await writer.run(operation, { rows, bytes }, parts))
}

type Accepting = Together['acceptances'][number]

const rowsOf = ({ content, message, deliveries, events }: Accepting): AcceptedRows => ({
  content: content && [content.id, content.kind, content.bytes.byteLength, message.createdAt],
  message: plain(messageValues(message)),
  deliveries: deliveries.map((delivery) => plain(deliveryValues(delivery, message))),
  leased: deliveries.map((delivery) => (delivery.leased ? 1 : 0)),
  events: events.map((event) => plain(eventValues(event))),
})

function weightOf({ content, message, deliveries, events }: Accepting): Weight {
  const rows = 2 + deliveries.length * 2 + events.length
  const bytes = rows * ROW_BYTES + (content?.bytes.byteLength ?? 0) + (message.fill?.length ?? 0)
  return { rows, bytes }
}

function acceptEnd(end: Result<unknown, StoreFault | 'exists'>): Result<void, StoreFault | AcceptConflict> {
  if (!end.ok) return fault(faultOf(end.error))
  return end.value === null ? ok(undefined) : fault('idempotency-conflict')
}

function wireSettlement({ deliveryId, attempt, next, events }: Settlement): WireSettlement {
  return {
    id: deliveryId,
    state: next.state,
    dueAt: next.state === 'queued' ? next.dueAt : null,
    finishedAt: 'at' in next ? next.at : null,
    attempt: attempt && plain(attemptValues(deliveryId, attempt)),
    events: events.map((event) => plain(eventValues(event))),
  }
}

const wireFilter = (filter: QueueFilter): CommandOperation['filter'] => ({
  messageId: filter.messageId ?? null,
  destination: filter.destination ?? null,
  accountId: filter.accountId ?? null,
  keyId: filter.keyId ?? null,
  provider: filter.provider ?? null,
  campaign: filter.campaign ?? null,
  rank: filter.stream === undefined ? null : rankOf(filter.stream),
})

/** Chunk by chunk; whether it had been buried is known by the first one. */
async function beat(writer: Writer, operation: Extract<Operation, { op: 'beat' }>): Promise<Beat> {
  let freed = 0
  for (let buried: boolean | null = null; ; ) {
    const end = await writer.run(operation, SMALL)
    if (!end.ok) throw new Error(`the store cannot be written to: ${end.error}`)
    const beaten = end.value as Beaten
    buried ??= beaten.buried
    freed += beaten.count
    if (beaten.next === null) return { freed, buried }
  }
}

/** Long operations go chunk by chunk, so that other commits come between; a fault ends them early. */
export async function inChunks<Place>(
  writer: Writer,
  operationAt: (after: Place | null) => Operation,
): Promise<number> {
  let count = 0
  let after: Place | null = null
  do {
    const end: Result<unknown, StoreFault | 'exists'> = await writer.run(operationAt(after), SMALL)
    // Half a count would be told to people as the whole truth.
    if (!end.ok) throw new StoreUnavailable(`the store cannot be written to: ${end.error}`)
    const chunk = end.value as Chunk<Place>
    count += chunk.count
    after = chunk.next
  } while (after !== null)
  return count
}

/** Rows of the hot operations hold no bytes. */
function plain(values: readonly Value[]): readonly Plain[] {
  return values as readonly Plain[]
}

/** The hot operations name their rows by fresh ids: a taken one is a bug of the caller. */
export function faultOf(error: StoreFault | 'exists'): StoreFault {
  if (error === 'exists') throw new Error('an id was used twice')
  return error
}
