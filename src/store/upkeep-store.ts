//
// Owns: what keeps the store itself well: retention, copies, sizes, the probe.

import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface UpkeepStore {
  /** Removes what is finished and older than the bounds, in chunks; never what is owed (invariant I11). */
  retain(bounds: RetentionBounds): Promise<Retained>
  /** A consistent copy of the whole store into an empty folder, while it is in use. */
  snapshot(folder: string): Promise<void>
  /** Bytes by kind, for status and metrics. */
  size(): Promise<{ readonly database: number; readonly wal: number }>
  /** Tries a durable write; the same faults as any other. */
  probe(): Promise<Result<void, StoreFault>>
  schemaVersion(): Promise<number>
}

export interface RetentionBounds {
  readonly contentBefore: Milliseconds
  readonly attemptsBefore: Milliseconds
  readonly eventsBefore: Milliseconds
  readonly idempotencyBefore: Milliseconds
  /** Of messages that are long gone: who could still leave by them. */
  readonly waysOutBefore: Milliseconds
}
export interface Retained {
  readonly contents: number
  readonly attempts: number
  readonly events: number
  readonly messages: number
}
