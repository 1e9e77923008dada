//
// Owns: what was accepted lately, newest first, as the operator looks through it.

import type { DeliveryId } from '../core/ids.ts'
import type { Delivery, DeliveryState } from '../core/message.ts'

export interface RecentAsk {
  /** In any case; null: everybody. */
  readonly recipient: string | null
  readonly state: DeliveryState | null
  readonly limit: number
  /** So many of the newest are looked through; absent: as many as a person would wait for. */
  readonly among?: number
}

export interface RecentPage {
  readonly found: readonly Delivery[]
  /** Null: all there is was looked through; else nothing older than this was. */
  readonly lookedTo: DeliveryId | null
}

export interface RecentMail {
  /** No index knows what is asked for: the newest are looked through, up to a bound. */
  recent(ask: RecentAsk): Promise<RecentPage>
}
