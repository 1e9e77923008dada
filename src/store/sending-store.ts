//
// Owns: who may not send marketing mail at the moment, or is close to it, as services see it.
// Never: why (services/feedback).

import type { AccountId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface SendingStore {
  /** Of one account, or of all. Who is absent may send and is far from any limit. */
  list(account: AccountId | null): Promise<readonly SendingState[]>
  /**
   * In place of `before`, null where nothing stood; false when something else stands there by now: of several nodes that
   * judge at once one is heard.
   */
  set(state: SendingState, before: SendingState | null): Promise<Result<boolean, StoreFault>>
  /** False when something else stands there by now. */
  remove(state: SendingState): Promise<Result<boolean, StoreFault>>
}

export interface SendingState {
  readonly accountId: AccountId
  readonly kind: 'account' | 'domain' | 'stream'
  /** Empty for the account itself. */
  readonly name: string
  /** `resumed`: by hand; judged by what happened since. */
  readonly state: 'warned' | 'paused' | 'resumed'
  /** For people. */
  readonly reason: string
  /** JSON of what it rests on. */
  readonly facts: string
  readonly since: Milliseconds
}
