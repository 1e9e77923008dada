//
// Owns: accounts as the operator sees them. Keys are in keys.ts.

import type { Account } from '../core/account.ts'
import type { AccountId } from '../core/ids.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { accountLine } from '../services/accounts/account-view.ts'
import type { AccountFault, Accounts } from '../services/accounts/accounts.ts'
import type { AccountDesk } from '../services/accounts/desk.ts'
import type { AccountActions, AccountRow } from './account-rows.ts'
import type { AdminFault } from './admin.ts'
import { notFound, storeFault } from './faults.ts'

export interface DirectoryParts {
  readonly accountDesk: AccountDesk
}

/** The account of that name, or what to say where there is none. */
export async function accountNamed(
  accounts: Pick<Accounts, 'named'>,
  name: string,
): Promise<Result<Account, AdminFault>> {
  const account = await accounts.named(name)
  return account ? ok(account) : fault(unknownAccount(name))
}

/** What each is called; who is none any more is his id. */
export async function accountNames(accounts: Pick<Accounts, 'list'>): Promise<(id: AccountId) => string> {
  const names = new Map((await accounts.list()).map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? id
}

type OfAccounts = Pick<AccountActions, `account${string}` & keyof AccountActions>

export function accountActions({ accountDesk: desk }: DirectoryParts): OfAccounts {
  const of = async (named: string): Promise<Result<Account, AdminFault>> => {
    const account = await desk.find(named)
    return account ? ok(account) : fault(unknownAccount(named))
  }
  const does = async (
    named: string,
    act: (account: Account) => Promise<Result<Account, AccountFault>>,
    wanted = named,
  ): Promise<Result<AccountRow, AdminFault>> => {
    const account = await of(named)
    if (!account.ok) return account
    const done = await act(account.value)
    return done.ok ? ok(accountLine(done.value)) : fault(faultOf(done.error, wanted))
  }
  return {
    async accountAdd({ name, plan }) {
      const added = await desk.make(name, plan)
      if (added.ok) return ok(accountLine(added.value))
      return fault(faultOf(added.error, added.error === 'unknown-plan' ? plan : name))
    },
    async accountList() {
      return ok((await desk.list()).map(accountLine))
    },
    async accountShow({ account }) {
      const found = await of(account)
      return found.ok ? ok(await desk.view(found.value)) : found
    },
    accountSetPlan: ({ account, plan }) => does(account, (one) => desk.change(one, { plan }), plan),
    accountRename: ({ account, name }) => does(account, (one) => desk.change(one, { name }), name),
    async accountSuspend({ account, reason }) {
      return isLine(reason)
        ? does(account, (one) => desk.suspend(one, reason))
        : fault({ code: 'invalid_reason', message: 'the reason is not one line of 1 to 200 characters' })
    },
    accountResume: ({ account }) => does(account, (one) => desk.resume(one)),
    async accountRemove({ account, confirm }) {
      const found = await of(account)
      if (!found.ok) return found
      if (confirm === found.value.name) return does(account, (one) => desk.remove(one))
      return fault({ code: 'unconfirmed', message: `--confirm wants the name ${found.value.name}` })
    },
  }
}

const isLine = (text: string): boolean => /^[^\p{Cc}\u2028\u2029]{1,200}$/u.test(text)

const unknownAccount = (name: string): AdminFault =>
  notFound(`account ${JSON.stringify(name)}`, 'mailwok account list')

function faultOf(error: AccountFault, name: string): AdminFault {
  switch (error) {
    case 'exists':
      return { code: 'exists', message: `there is an account ${name} already` }
    case 'bad-name':
      return { code: 'invalid_name', message: `${JSON.stringify(name)}: want letters, digits, . _ -` }
    case 'unknown-plan':
      return {
        code: 'unknown_plan',
        message: `there is no plan ${JSON.stringify(name)}; plans are in [plans] of the configuration`,
      }
    case 'default-account':
      return {
        code: 'default_account',
        message: 'the default account is neither suspended, renamed nor deleted',
      }
    case 'not-found':
      return unknownAccount(name)
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
