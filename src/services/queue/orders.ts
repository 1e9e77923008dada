//
// Owns: a waiting delivery as the order that a worker gets. Pure.

import type { StoredContent } from '../../core/content.ts'
import type { MessageWishes } from '../../core/message.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { DeliveryOrder, SlotId } from '../../net/delivery/order.ts'
import type { Ready } from './line.ts'
import type { Identity } from './parts.ts'
import { dsnAskOf } from './wishes.ts'

export interface OrderFacts {
  readonly slot: SlotId
  readonly at: Milliseconds
  readonly identity: Identity
  readonly content: StoredContent
  readonly shared: boolean
  /** What the provider bears; null: as everywhere. */
  readonly messagesPerConnection: number | null
}

export function orderOf({ delivery, transport }: Ready, facts: OrderFacts): DeliveryOrder {
  const { content, identity } = facts
  return {
    slot: facts.slot,
    deliveryId: delivery.id,
    recipient: delivery.recipient,
    reversePath: identity.returnPath(delivery),
    signingDomain: delivery.signingDomain,
    content: { id: content.id, kind: content.kind, bytes: content.bytes },
    shared: facts.shared,
    at: facts.at,
    transport: bounded(transport, facts.messagesPerConnection),
    dsn: dsnAskOf(delivery),
    requireTls: delivery.wishes.requireTls === true,
    tlsOptional: delivery.wishes.tlsOptional === true,
    ...personalOf(delivery.wishes),
    ...(delivery.fill === undefined ? null : { fill: delivery.fill }),
  }
}

/** Null for most mail: then nothing is said of it. */
function personalOf({ tracking, unsubscribe }: MessageWishes): Pick<DeliveryOrder, 'personal'> | null {
  const isTracked = tracking !== undefined && !('off' in tracking)
  if (!isTracked && unsubscribe === undefined) return null
  return { personal: { ...(isTracked ? { tracking } : null), ...(unsubscribe ? { unsubscribe } : null) } }
}

function bounded(transport: Ready['transport'], most: number | null): Ready['transport'] {
  if (most === null || transport.kind !== 'mx') return transport
  return { ...transport, messagesPerConnection: most }
}
