//
// Owns: how orders and reports cross threads: one text and one block of bytes per batch.
//
// As plain objects an order of 4 KB costs twice as much to clone (20 against 8 µs in batches of twenty), and a view on
// a larger buffer is cloned with all of that buffer.

import type { StoredContent } from '../../core/content.ts'
import type { DeliveryOrder, DeliveryReport } from './order.ts'

export interface OrderBatch {
  readonly json: string
  /** The contents one behind the other; it is handed over, not copied. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

type Packed = Omit<DeliveryOrder, 'content'> & {
  readonly content: Pick<StoredContent, 'id' | 'kind'> & { readonly start: number; readonly end: number }
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
  const packed = orders.map((order): Packed => {
    const { id, kind, bytes } = order.content
    const start = starts.get(bytes) ?? 0
    return { ...order, content: { id, kind, start, end: start + bytes.length } }
  })
  return { json: JSON.stringify(packed), bytes }
}

/** A small content that is kept for long must not keep a large batch alive with it. */
const MAX_SHARED_OCTETS = 256 * 1024

export function unpackOrders({ json, bytes }: OrderBatch): readonly DeliveryOrder[] {
  const shared = bytes.length <= MAX_SHARED_OCTETS
  return (JSON.parse(json) as readonly Packed[]).map((order): DeliveryOrder => {
    const { id, kind, start, end } = order.content
    return {
      ...order,
      content: { id, kind, bytes: shared ? bytes.subarray(start, end) : bytes.slice(start, end) },
    }
  })
}

export const packReports = (reports: readonly DeliveryReport[]): string => JSON.stringify(reports)

export const unpackReports = (json: string): readonly DeliveryReport[] => JSON.parse(json) as DeliveryReport[]
