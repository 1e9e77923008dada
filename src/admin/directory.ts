//
// Owns: accounts and keys as the operator sees them.

import type { Account, ApiKey } from '../core/account.ts'
import type { AccountId } from '../core/ids.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import type { Keys } from '../services/accounts/keys.ts'
import type { AccountRow, AdminActions, AdminFault, KeyRow } from './admin.ts'
import { iso, isoOrNull, notFound, storeFault } from './faults.ts'

export interface DirectoryParts {
  readonly accounts: Accounts
  readonly keys: Keys
}

type DirectoryActions = Pick<
  AdminActions,
  'accountAdd' | 'accountList' | 'accountSetPlan' | 'keyCreate' | 'keyList' | 'keyRevoke'
>

export function directoryActions(parts: DirectoryParts): DirectoryActions {
  return { ...accountActions(parts), ...keyActions(parts) }
}

/** The account of that name, or what to say where there is none. */
export async function accountNamed(accounts: Accounts, name: string): Promise<Result<Account, AdminFault>> {
  const account = await accounts.named(name)
  return account ? ok(account) : fault(notFound(`account ${JSON.stringify(name)}`, 'mailwok account list'))
}

/** What each is called; who is none any more is his id. */
export async function accountNames(accounts: Pick<Accounts, 'list'>): Promise<(id: AccountId) => string> {
  const names = new Map((await accounts.list()).map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? id
}

function accountActions({
  accounts,
}: DirectoryParts): Pick<DirectoryActions, `account${string}` & keyof DirectoryActions> {
  return {
    async accountAdd({ name, plan }) {
      if (!/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name)) {
        return fault({
          code: 'invalid_name',
          message: `${JSON.stringify(name)}: want letters, digits, . _ -`,
        })
      }
      const added = await accounts.add(name, plan)
      if (added.ok) return ok(accountRow(added.value))
      if (added.error === 'unknown-plan') return fault(unknownPlan(plan))
      if (added.error === 'exists')
        return fault({ code: 'exists', message: `there is an account ${name} already` })
      return fault(storeFault(added.error))
    },
    async accountList() {
      return ok((await accounts.list()).map(accountRow))
    },
    async accountSetPlan({ account, plan }) {
      const found = await accountNamed(accounts, account)
      if (!found.ok) return found
      const set = await accounts.setPlan(found.value.id, plan)
      if (set.ok) return ok(accountRow({ ...found.value, plan }))
      if (set.error === 'unknown-plan') return fault(unknownPlan(plan))
      if (set.error === 'not-found') return fault(notFound(`account ${account}`, 'mailwok account list'))
      return fault(storeFault(set.error))
    },
  }
}

function keyActions({
  accounts,
  keys,
}: DirectoryParts): Pick<DirectoryActions, `key${string}` & keyof DirectoryActions> {
  const rows = async (found: readonly ApiKey[]): Promise<readonly KeyRow[]> => {
    const nameOf = await accountNames(accounts)
    return found.map((key) => keyRow(key, nameOf(key.accountId)))
  }
  return {
    async keyCreate({ account, name, mode }) {
      const found = await accountNamed(accounts, account)
      if (!found.ok) return found
      const made = await keys.create({ accountId: found.value.id, name, mode })
      if (!made.ok) return fault(storeFault(made.error))
      return ok({ ...keyRow(made.value.key, found.value.name), key: made.value.secret })
    },
    async keyList({ account }) {
      if (account === null) return ok(await rows(await keys.list(null)))
      const found = await accountNamed(accounts, account)
      return found.ok ? ok(await rows(await keys.list(found.value.id))) : found
    },
    async keyRevoke({ key, queued }) {
      const found = await keyNamed(keys, key)
      if (!found.ok) return found
      const revoked = await keys.revoke(found.value.id, null, queued === 'keep' ? 'leave' : queued)
      if (!revoked.ok) return fault(storeFault(revoked.error))
      return ok({ id: found.value.id, revoked: revoked.value })
    },
  }
}

/** By id, or by the prefix that lists show where only one key has it. */
export async function keyNamed(keys: Keys, name: string): Promise<Result<ApiKey, AdminFault>> {
  const all = await keys.list(null)
  const found = all.filter((key) => key.id === name || key.prefix === name)
  const [only, another] = found
  if (only && !another) return ok(only)
  if (another) return fault({ code: 'ambiguous', message: `${name} fits ${found.length} keys; give the id` })
  return fault(notFound(`key ${JSON.stringify(name)}`, 'mailwok key list'))
}

const accountRow = (account: Account): AccountRow => ({
  id: account.id,
  name: account.name,
  plan: account.plan,
  created_at: iso(account.createdAt),
})

const keyRow = (key: ApiKey, account: string): KeyRow => ({
  id: key.id,
  name: key.name,
  account,
  mode: key.mode,
  prefix: key.prefix,
  created_at: iso(key.createdAt),
  last_used_at: isoOrNull(key.lastUsedAt),
  revoked_at: isoOrNull(key.revokedAt),
})

const unknownPlan = (plan: string): AdminFault => ({
  code: 'unknown_plan',
  message: `there is no plan ${JSON.stringify(plan)}; plans are in [plans] of the configuration`,
})
