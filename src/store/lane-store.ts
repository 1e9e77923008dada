//
// Owns: what the store remembers of lanes: how hard each provider may be pressed from each of our addresses.
// Never: what a state means (services/queue/shaping.ts).

import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface LaneStateStore {
  all(): Promise<readonly StoredLane[]>
  /** In place of what was known of the same lanes, all in one commit. */
  save(lanes: readonly StoredLane[]): Promise<Result<void, StoreFault>>
  /** Removes what was last changed before. */
  forget(before: Milliseconds): Promise<Result<void, StoreFault>>
}

export interface StoredLane {
  readonly provider: string
  /** One of our addresses; empty for the system's choice. */
  readonly source: string
  /** JSON. */
  readonly state: string
  readonly updatedAt: Milliseconds
}
