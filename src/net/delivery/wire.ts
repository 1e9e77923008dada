//
// Owns: how orders and reports cross threads: one text and one block of bytes per batch.
//
// As plain objects an order of 4 KB costs twice as much to clone (20 against 8 µs in batches of twenty), and a view on
// a larger buffer is cloned with all of that buffer.

import type { StoredContent } from '../../core/content.ts'
import type { AttemptEvidence, AttemptOutcome } from '../../core/outcome.ts'
import type { EnhancedStatus } from '../../core/reply.ts'
import type { DeliveryOrder, DeliveryReport } from './order.ts'

export interface OrderBatch {
  readonly json: string
  /** The contents one behind the other; it is handed over, not copied. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** An order as a list, with the places of its transport and its content: most of a batch goes the same way. */
type OrderRow = readonly [
  slot: number,
  deliveryId: DeliveryOrder['deliveryId'],
  recipient: DeliveryOrder['recipient'],
  reversePath: DeliveryOrder['reversePath'],
  signingDomain: DeliveryOrder['signingDomain'],
  contentId: StoredContent['id'],
  contentKind: StoredContent['kind'],
  start: number,
  end: number,
  shared: boolean,
  at: number,
  transport: number,
  dsn: DeliveryOrder['dsn'],
  requireTls: boolean,
  tlsOptional: boolean,
  /** Left out where there are none. */
  personal?: DeliveryOrder['personal'] | null,
  fill?: string,
]

interface Packed {
  readonly transports: readonly DeliveryOrder['transport'][]
  readonly orders: readonly OrderRow[]
}

export function packOrders(orders: readonly DeliveryOrder[]): OrderBatch {
  const starts = new Map<Uint8Array, number>()
  let octets = 0
  for (const { content } of orders) {
    // Copies of one content are one object here, and travel once.
    if (starts.has(content.bytes)) continue
    starts.set(content.bytes, octets)
    octets += content.bytes.length
  }
  const bytes = new Uint8Array(octets)
  for (const [content, start] of starts) bytes.set(content, start)
  const places = new Map<DeliveryOrder['transport'], number>()
  const rows = orders.map((order) => {
    const place = places.get(order.transport) ?? places.size
    places.set(order.transport, place)
    return rowOfOrder(order, starts.get(order.content.bytes) ?? 0, place)
  })
  return { json: JSON.stringify({ transports: [...places.keys()], orders: rows } satisfies Packed), bytes }
}

function rowOfOrder(order: DeliveryOrder, start: number, transport: number): OrderRow {
  const row = plainRow(order, start, transport)
  const { fill, personal } = order
  if (fill !== undefined) return [...row, personal ?? null, fill]
  return personal === undefined ? row : [...row, personal]
}

type PlainRow = OrderRow extends readonly [...infer Row, _?: unknown, __?: unknown] ? Row : never
const plainRow = (order: DeliveryOrder, start: number, transport: number): PlainRow => [
  order.slot,
  order.deliveryId,
  order.recipient,
  order.reversePath,
  order.signingDomain,
  order.content.id,
  order.content.kind,
  start,
  start + order.content.bytes.length,
  order.shared,
  order.at,
  transport,
  order.dsn,
  order.requireTls,
  order.tlsOptional,
]

/** A small content that is kept for long must not keep a large batch alive with it. */
const MAX_SHARED_OCTETS = 256 * 1024

export function unpackOrders({ json, bytes }: OrderBatch): readonly DeliveryOrder[] {
  const contentAt = cutting(bytes)
  const { transports, orders } = JSON.parse(json) as Packed
  return orders.map((row): DeliveryOrder => {
    const transport = transports[row[11]]
    if (!transport) throw new Error('an order without its transport')
    return {
      slot: row[0],
      deliveryId: row[1],
      recipient: row[2],
      reversePath: row[3],
      signingDomain: row[4],
      content: { id: row[5], kind: row[6], bytes: contentAt(row[7], row[8]) },
      shared: row[9],
      at: row[10],
      transport,
      dsn: row[12],
      requireTls: row[13],
      tlsOptional: row[14],
      ...(row[15] == null ? null : { personal: row[15] }),
      ...(row[16] === undefined ? null : { fill: row[16] }),
    }
  })
}

function cutting(bytes: Uint8Array): (start: number, end: number) => Uint8Array {
  if (bytes.length <= MAX_SHARED_OCTETS) return (start, end) => bytes.subarray(start, end)
  // A large content is held once, however many orders are about it.
  const cut = new Map<number, Uint8Array>()
  return (start, end) => {
    const known = cut.get(start)
    if (known?.length === end - start) return known
    const content = end - start === bytes.length ? bytes : bytes.slice(start, end)
    cut.set(start, content)
    return content
  }
}

/**
 * A report as a list: names would be a third of the text. What nearly every one is, a message that was taken, has its
 * reply in places of its own; any other outcome stands whole in the last one.
 */
type ReportRow = readonly [
  slot: number,
  deliveryId: DeliveryReport['deliveryId'],
  startedAt: number,
  endedAt: number,
  mx: string | null,
  address: string | null,
  source: string | null,
  tls: AttemptEvidence['tls'],
  peerSoftware: string | null,
  via: string,
  transcript: string,
  tlsSessions: AttemptEvidence['tlsSessions'] | null,
  code: number,
  enhanced: readonly [EnhancedStatus['class'], number, number] | null,
  text: string,
  other: AttemptOutcome | null,
]

export const packReports = (reports: readonly DeliveryReport[]): string => JSON.stringify(reports.map(rowOf))

export const unpackReports = (json: string): readonly DeliveryReport[] =>
  (JSON.parse(json) as readonly ReportRow[]).map(reportOf)

function rowOf({ slot, deliveryId, outcome, evidence }: DeliveryReport): ReportRow {
  const taken = outcome.kind === 'delivered' && outcome.dsnRelayed === undefined ? outcome.reply : null
  const enhanced = taken?.enhanced ?? null
  return [
    slot,
    deliveryId,
    evidence.startedAt,
    evidence.endedAt,
    evidence.mx,
    evidence.address,
    evidence.source,
    evidence.tls,
    evidence.peerSoftware,
    evidence.via,
    evidence.transcript,
    evidence.tlsSessions ?? null,
    taken?.code ?? 0,
    enhanced && [enhanced.class, enhanced.subject, enhanced.detail],
    taken?.text ?? '',
    taken === null ? outcome : null,
  ]
}

function reportOf(row: ReportRow): DeliveryReport {
  const sessions = row[11]
  const status = row[13]
  const enhanced = status && { class: status[0], subject: status[1], detail: status[2] }
  const evidence: AttemptEvidence = {
    startedAt: row[2],
    endedAt: row[3],
    mx: row[4],
    address: row[5],
    source: row[6],
    tls: row[7],
    peerSoftware: row[8],
    via: row[9],
    transcript: row[10],
  }
  return {
    slot: row[0],
    deliveryId: row[1],
    outcome: row[15] ?? { kind: 'delivered', reply: { code: row[12], enhanced, text: row[14] } },
    evidence: sessions ? { ...evidence, tlsSessions: sessions } : evidence,
  }
}
