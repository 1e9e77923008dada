//
// Owns: taking away accounts that were deleted: what waits is cancelled, what is under way is waited for, then everything
// goes, bit by bit. A crash or a stop costs nothing: the next turn goes on, on whichever node.

import type { Account } from '../../core/account.ts'
import type { EventId } from '../../core/ids.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { AccountStore, PurgeStore } from '../../store/account-store.ts'
import type { QueueStore } from '../../store/store.ts'

/** Followers of the log may still write figures of what happened before, and other nodes know the account a while. */
const AFTERMATH: Milliseconds = MINUTE

export interface DeletionParts {
  readonly store: Pick<AccountStore, 'idleAccounts'> & PurgeStore
  readonly queue: Pick<QueueStore, 'drop'>
  readonly clock: Clock
  readonly eventId: () => EventId
  readonly log: Log
}

export class Deletion {
  readonly #parts: DeletionParts
  #stopped = false

  constructor(parts: DeletionParts) {
    this.#parts = parts
  }

  /** One go at every account that is on its way out. */
  async turn(): Promise<void> {
    for (const account of await this.#parts.store.idleAccounts()) {
      if (account.state === 'deleting' && !this.#stopped) await this.#away(account)
    }
  }

  stop(): void {
    this.#stopped = true
  }

  async #away({ id, name, since }: Account): Promise<void> {
    const { clock, eventId, log, queue, store } = this.#parts
    await queue.drop({ accountId: id }, clock.now(), eventId)
    const { complete, owed, removed } = await store.purge(id, () => !this.#stopped)
    if (removed > 0) log.info('removed what a deleted account had', { account: name, rows: removed, owed })
    if (!complete || owed > 0 || removed > 0 || clock.now() < since + AFTERMATH) return
    const gone = await store.removeAccount(id)
    if (gone.ok) log.info('a deleted account is gone', { account: name })
  }
}
