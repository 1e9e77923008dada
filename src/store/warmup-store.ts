//
// Owns: what the store remembers of our addresses at receivers: how much of them each is used to.
// Never: what follows from it (services/sources).

import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface WarmupStore {
  all(): Promise<readonly StoredWarmup[]>
  /** In place of what was known of the same address at the same provider, all in one commit. */
  save(warmups: readonly StoredWarmup[]): Promise<Result<void, StoreFault>>
  /** Removes what tells nothing any more: of before that day, not warm, with at most that budget. */
  forget(beforeDay: number, atMostBudget: number): Promise<Result<void, StoreFault>>
}

export interface StoredWarmup {
  /** One of our addresses; `node:<name>` where the system chooses and nobody here knows which it takes. */
  readonly source: string
  readonly provider: string
  /** Days since the epoch, UTC. */
  readonly day: number
  readonly budget: number
  readonly sent: number
  readonly deferred: number
  readonly hardBounced: number
  readonly complained: number
  readonly blocked: number
  readonly warmAt: Milliseconds | null
}
