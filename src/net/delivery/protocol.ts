//
// Owns: what the pool and a worker thread say to each other. Plain data.

import type { Domain } from '../../core/address.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { DeliveryPoolOptions, SigningKeyMaterial, SlotId } from './order.ts'
import type { OrderBatch } from './wire.ts'

export type ToWorker =
  /** Always the first. */
  | ({ readonly kind: 'start' } & Pick<DeliveryPoolOptions, 'timeouts' | 'trust' | 'trackingKey'>)
  | { readonly kind: 'orders'; readonly batch: OrderBatch }
  | { readonly kind: 'keys'; readonly domain: Domain; readonly keys: readonly SigningKeyMaterial[] }
  | { readonly kind: 'retire'; readonly slot: SlotId }
  | { readonly kind: 'stop'; readonly patience: Milliseconds }

export type FromWorker =
  | { readonly kind: 'reports'; readonly json: string }
  /** Nothing is under way any more and every connection is closed. */
  | { readonly kind: 'stopped' }
