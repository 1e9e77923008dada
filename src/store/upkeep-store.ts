//
// Owns: what keeps the store itself well: retention, copies, sizes, the probe.

import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface UpkeepStore {
  /** Removes what is finished and older than the bounds, in chunks; never what is owed (invariant I11). */
  retain(bounds: RetentionBounds): Promise<Retained>
  /** A consistent copy of the whole store into an empty folder, while it is in use. */
  snapshot(folder: string, signal?: AbortSignal): Promise<SnapshotFile>
  /** Octets that are in use: what a removal makes smaller at once, whatever the file's size. */
  used(): Promise<number>
  /** Octets by kind. Reads the whole store: for who asks, and a few times a day. */
  kinds(): Promise<readonly SizeOfKind[]>
  /** When the oldest body was accepted that is still kept. */
  oldestContent(): Promise<Milliseconds | null>
  /** Of file and log. */
  size(): Promise<{ readonly database: number; readonly wal: number }>
  /** Tries a durable write; the same faults as any other. */
  probe(): Promise<Result<void, StoreFault>>
  schemaVersion(): Promise<number>
}

export interface SnapshotFile {
  /** Inside the folder. */
  readonly name: string
  readonly octets: number
  readonly sha256: string
}

export interface RetentionBounds {
  readonly contentBefore: Milliseconds
  readonly attemptsBefore: Milliseconds
  readonly eventsBefore: Milliseconds
  readonly idempotencyBefore: Milliseconds
  /** Of messages that are long gone: who could still leave by them. */
  readonly waysOutBefore: Milliseconds
  /** Every follower has read what is older; absent where all have read everything. */
  readonly readBefore?: Milliseconds
  /** Free pages of a file go back to the disk at once, however few. */
  readonly giveBack?: boolean
}
export const KINDS = ['bodies', 'messages', 'attempts', 'events', 'webhooks', 'search', 'other'] as const
export type Kind = (typeof KINDS)[number]
export interface SizeOfKind {
  readonly kind: Kind
  readonly octets: number
}

export interface Retained {
  readonly contents: number
  readonly attempts: number
  readonly events: number
  readonly messages: number
}
