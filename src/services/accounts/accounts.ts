//
// Owns: accounts: the one that exists from the first start, further ones, their plans, settings and states.
// Never: what deleting one takes away (deletion.ts).

import { type Account, type AccountSettings, newAccount } from '../../core/account.ts'
import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { AccountStore, KeyStore } from '../../store/account-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { DEFAULT_PLAN, type Plans } from './plans.ts'

export const DEFAULT_ACCOUNT = 'default'

/** What can be a name of an account, in every list and command. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i

export interface AccountParts {
  readonly directory: AccountStore & Pick<KeyStore, 'revokeKeysOf'>
  readonly clock: Clock
  readonly ids: Pick<Ids, 'account'>
  readonly plans: Plans
  /** Tells this node that an account's plan or state has changed. */
  readonly onChanged: (account: AccountId) => void
}

export type AccountFault =
  | StoreFault
  | 'exists'
  | 'unknown-plan'
  | 'bad-name'
  /** There is none, or it is on its way out. */
  | 'not-found'
  /** The account that everything stands on is neither suspended, renamed nor deleted. */
  | 'default-account'

export class Accounts {
  readonly #parts: AccountParts

  constructor(parts: AccountParts) {
    this.#parts = parts
  }

  list(): Promise<readonly Account[]> {
    return this.#parts.directory.accounts()
  }

  get(id: AccountId): Promise<Account | null> {
    return this.#parts.directory.account(id)
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
    const account = newAccount({ id: ids.account(), name, plan, createdAt: clock.now() })
    const added = await directory.addAccount(account)
    return added.ok ? ok(account) : added
  }

  /** As `add`, with a name that somebody has written. */
  async make(name: string, plan?: string): Promise<Result<Account, AccountFault>> {
    return NAME.test(name) ? this.add(name, plan) : fault('bad-name')
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
    const { directory, onChanged, plans } = this.#parts
    if (!plans.has(plan)) return fault('unknown-plan')
    if ((await directory.account(id)) === null) return fault('not-found')
    const set = await directory.setPlan(id, plan)
    onChanged(id)
    return set
  }

  async rename(account: Account, name: string): Promise<Result<void, AccountFault>> {
    if (name === account.name) return ok(undefined)
    if (account.name === DEFAULT_ACCOUNT) return fault('default-account')
    return NAME.test(name) ? this.#parts.directory.renameAccount(account.id, name) : fault('bad-name')
  }

  /** In place of those before. */
  saveSettings(id: AccountId, settings: AccountSettings): Promise<Result<void, StoreFault>> {
    return this.#parts.directory.saveSettings(id, settings)
  }

  /** It accepts and sends nothing; what is queued waits, and goes on when it is resumed. */
  suspend(account: Account, reason: string): Promise<Result<Account, AccountFault>> {
    return account.name === DEFAULT_ACCOUNT
      ? Promise.resolve(fault('default-account'))
      : this.#become(account, 'suspended', reason)
  }

  resume(account: Account): Promise<Result<Account, AccountFault>> {
    return this.#become(account, 'active', '')
  }

  /** From now on nobody opens anything with its keys; deletion.ts takes away the rest. */
  async condemn(account: Account): Promise<Result<Account, AccountFault>> {
    const { clock, directory } = this.#parts
    if (account.name === DEFAULT_ACCOUNT) return fault('default-account')
    const revoked = await directory.revokeKeysOf(account.id, clock.now())
    return revoked.ok ? this.#become(account, 'deleting', 'it is being deleted') : revoked
  }

  async #become(
    account: Account,
    state: Account['state'],
    reason: string,
  ): Promise<Result<Account, AccountFault>> {
    const { clock, directory, onChanged } = this.#parts
    const next = { state, reason, since: Math.floor(clock.now()) }
    const set = await directory.setAccountState(account.id, next)
    onChanged(account.id)
    if (!set.ok) return set
    return set.value ? ok({ ...account, ...next }) : fault('not-found')
  }
}
