//
// Owns: what the store keeps of administrative acts: added, read, and removed when it is old. Never changed.

import type { AuditRecord } from '../core/audit.ts'
import type { AccountId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface AuditStore {
  /** Resolves after the commit. What is there already stays as it is. */
  add(records: readonly AuditRecord[]): Promise<Result<void, StoreFault>>
  /** The newest first. */
  page(ask: AuditAsk): Promise<readonly AuditRecord[]>
  /** Removes what is older, in chunks; returns how many. */
  forget(before: Milliseconds): Promise<number>
}

export interface AuditAsk {
  /** Null: the operator's view of all (CLI). */
  readonly account: AccountId | null
  readonly limit: number
  /** Older than this one. */
  readonly after: string | null
  /** Newer than this one; still the newest first. */
  readonly before: string | null
  readonly actor: string | null
  readonly action: string | null
  readonly subject: string | null
  readonly since: Milliseconds | null
  readonly until: Milliseconds | null
}
