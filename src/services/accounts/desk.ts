//
// Owns: what is asked of accounts, by the accounts themselves and by the operator, over the API and on the command line.

import type { Account, AccountSettings } from '../../core/account.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Log } from '../../core/ports.ts'
import { ok, type Result } from '../../core/result.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { type AccountFacts, accountView } from './account-view.ts'
import type { AccountFault, Accounts } from './accounts.ts'
import type { Limits } from './limits.ts'
import type { Quotas } from './quota.ts'

export interface AccountDeskParts {
  readonly accounts: Accounts
  readonly limits: Pick<Limits, 'planOf'>
  readonly quotas: Pick<Quotas, 'use'>
  readonly keys: { forget(): void }
  /** Somebody may send who could not, or the other way round: what waits in memory has to know. */
  readonly changed: () => Promise<void>
  readonly log: Log
}

export interface AccountChange {
  readonly name?: string | undefined
  readonly plan?: string | undefined
}

export class AccountDesk {
  readonly #parts: AccountDeskParts

  constructor(parts: AccountDeskParts) {
    this.#parts = parts
  }

  list(): Promise<readonly Account[]> {
    return this.#parts.accounts.list()
  }

  get(id: AccountId): Promise<Account | null> {
    return this.#parts.accounts.get(id)
  }

  /** By its id or its name. */
  async find(named: string): Promise<Account | null> {
    const { accounts } = this.#parts
    return named.startsWith('acc_') ? accounts.get(named as AccountId) : accounts.named(named)
  }

  async view(account: Account): Promise<ReturnType<typeof accountView>> {
    return accountView(account, await this.#factsOf(account))
  }

  make(name: string, plan?: string): Promise<Result<Account, AccountFault>> {
    return this.#parts.accounts.make(name, plan)
  }

  async change(account: Account, { name, plan }: AccountChange): Promise<Result<Account, AccountFault>> {
    const { accounts } = this.#parts
    const renamed = name === undefined ? ok(undefined) : await accounts.rename(account, name)
    if (!renamed.ok) return renamed
    const set = plan === undefined ? ok(undefined) : await accounts.setPlan(account.id, plan)
    if (!set.ok) return set
    return ok({ ...account, name: name ?? account.name, plan: plan ?? account.plan })
  }

  saveSettings(account: Account, settings: AccountSettings): Promise<Result<void, StoreFault>> {
    return this.#parts.accounts.saveSettings(account.id, settings)
  }

  suspend(account: Account, reason: string): Promise<Result<Account, AccountFault>> {
    return this.#settle(account, this.#parts.accounts.suspend(account, reason))
  }

  resume(account: Account): Promise<Result<Account, AccountFault>> {
    return this.#settle(account, this.#parts.accounts.resume(account))
  }

  /** From now on nobody opens anything in its name; what it has is taken away bit by bit. */
  async remove(account: Account): Promise<Result<Account, AccountFault>> {
    const { accounts, keys } = this.#parts
    const done = await this.#settle(account, accounts.condemn(account))
    keys.forget()
    return done
  }

  async #settle(
    account: Account,
    become: Promise<Result<Account, AccountFault>>,
  ): Promise<Result<Account, AccountFault>> {
    const { changed, log } = this.#parts
    const done = await become
    if (!done.ok) return done
    log.info('an account changed', { account: account.name, state: done.value.state })
    // Every node looks again by itself; a fault here costs a few seconds.
    await changed().catch((error: unknown) =>
      log.warn('who may send could not be read', { error: String(error) }),
    )
    return done
  }

  async #factsOf(account: Account): Promise<AccountFacts> {
    const { limits, quotas } = this.#parts
    const plan = await limits.planOf(account.id)
    return { plan, use: await quotas.use(account.id, plan) }
  }
}
