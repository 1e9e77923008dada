//
// Owns: accounts: the one that exists from the first start, further ones, and their plans.

import type { Account } from '../../core/account.ts'
import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { DirectoryStore } from '../../store/store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { DEFAULT_PLAN, type Plans } from './plans.ts'

export const DEFAULT_ACCOUNT = 'default'

export interface AccountParts {
  readonly directory: Pick<
    DirectoryStore,
    'accounts' | 'account' | 'accountByName' | 'addAccount' | 'setPlan'
  >
  readonly clock: Clock
  readonly ids: Pick<Ids, 'account'>
  readonly plans: Plans
  /** Tells the limits of this node that an account's plan has changed. */
  readonly onPlanChanged: (account: AccountId) => void
}

export class Accounts {
  readonly #parts: AccountParts

  constructor(parts: AccountParts) {
    this.#parts = parts
  }

  list(): Promise<readonly Account[]> {
    return this.#parts.directory.accounts()
  }

  named(name: string): Promise<Account | null> {
    return this.#parts.directory.accountByName(name)
  }

  async add(
    name: string,
    plan = DEFAULT_PLAN,
  ): Promise<Result<Account, StoreFault | 'exists' | 'unknown-plan'>> {
    const { clock, directory, ids, plans } = this.#parts
    if (!plans.has(plan)) return fault('unknown-plan')
    const account: Account = { id: ids.account(), name, plan, createdAt: clock.now() }
    const added = await directory.addAccount(account)
    return added.ok ? ok(account) : added
  }

  /** The account of that name, made with the default plan where it is missing. Safe on many nodes at once. */
  async ensure(name: string): Promise<Result<Account, StoreFault>> {
    const before = await this.named(name)
    if (before) return ok(before)
    const added = await this.add(name)
    if (added.ok) return added
    if (added.error === 'unknown-plan') throw new Error(`the built-in plan ${DEFAULT_PLAN} is gone`)
    if (added.error !== 'exists') return fault(added.error)
    const theirs = await this.named(name)
    return theirs ? ok(theirs) : fault('unavailable')
  }

  ensureDefaultAccount(): Promise<Result<Account, StoreFault>> {
    return this.ensure(DEFAULT_ACCOUNT)
  }

  async setPlan(
    id: AccountId,
    plan: string,
  ): Promise<Result<void, StoreFault | 'unknown-plan' | 'not-found'>> {
    const { directory, onPlanChanged, plans } = this.#parts
    if (!plans.has(plan)) return fault('unknown-plan')
    if ((await directory.account(id)) === null) return fault('not-found')
    const set = await directory.setPlan(id, plan)
    onPlanChanged(id)
    return set
  }
}
