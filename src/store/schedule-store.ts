//
// Owns: mail that waits for a time of its own, as services see it: who holds its copies, and giving it another time.

import type { StoredContent } from '../core/content.ts'
import type { AccountId, DeliveryId, MessageId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface ScheduleStore {
  /** Copies of a message that a node holds at this moment: they are with a worker, or wait for one. */
  leased(id: MessageId): Promise<ReadonlySet<DeliveryId>>
  /**
   * Another time for all copies of a message, or for none: `begun` where one was tried, is held by a node, or nothing of
   * it waits any more, or where its time is not `was`. Who claims one meanwhile either finds it with its new time, or not at all.
   */
  reschedule(ask: Rescheduling): Promise<Result<'moved' | 'begun', StoreFault>>
  /** What is to leave later than `now`; the counts go no further than `most`. */
  overview(now: Milliseconds, most: number): Promise<ScheduleOverview>
}

export interface Rescheduling {
  readonly messageId: MessageId
  readonly accountId: AccountId
  /** The time that it had when `content` and `fill` were made. */
  readonly was: Milliseconds
  readonly at: Milliseconds
  readonly expiresAt: Milliseconds
  readonly now: Milliseconds
  /** What carries its new Date; null: what it has stays. */
  readonly content: StoredContent | null
  readonly fill: string | null
}

export interface ScheduleOverview {
  readonly messages: number
  readonly nextAt: Milliseconds | null
}
