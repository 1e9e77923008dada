//
// Owns: /v1/accounts: all accounts, for the operator's keys alone (scopes.ts).

import { Elysia } from 'elysia'
import { FULL_ACCESS } from '../../../core/access.ts'
import type { Account } from '../../../core/account.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { accountLine } from '../../../services/accounts/account-view.ts'
import type { AccountFault } from '../../../services/accounts/accounts.ts'
import { keyView } from '../../../services/accounts/key-view.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import { readLimits } from '../key-limits.ts'
import {
  CHANGE_ACCOUNT,
  GET_ACCOUNT,
  LIST_ACCOUNTS,
  MAKE_ACCOUNT,
  MAKE_ACCOUNT_KEY,
  REMOVE_ACCOUNT,
  RESUME_ACCOUNT,
  SUSPEND_ACCOUNT,
} from '../operations/accounts.ts'
import { pageOf } from '../page.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, LIVE_KEY_REQUIRED, noSuch, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import {
  AccountKeyBody,
  AccountsQuery,
  ChangeAccountBody,
  NewAccountBody,
  RemoveQuery,
  SuspendBody,
} from '../schema/accounts.ts'

type CallerOf = (request: Request) => Caller

export function accountsRoutes(parts: ApiParts, callerOf: CallerOf) {
  return new Elysia({ prefix: '/v1/accounts', name: 'accounts', normalize: false })
    .use(readRoutes(parts))
    .use(changeRoutes(parts, callerOf))
    .use(stateRoutes(parts, callerOf))
    .use(keyRoute(parts, callerOf))
}

function readRoutes(parts: ApiParts) {
  const { accountDesk, ids } = parts
  return new Elysia({ name: 'accounts-read', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const ask = readQuery(request, AccountsQuery)
        if (!ask.ok) return say(ask.error, set, ids)
        const { limit = 100, state, ...marks } = ask.value
        const all = await accountDesk.list()
        const page = pageOf(
          all.filter((one) => state === undefined || one.state === state),
          { limit, ...marks },
        )
        return { success: true, data: page.data.map(accountLine), has_more: page.has_more } as const
      },
      { ...LIST_ACCOUNTS },
    )
    .get(
      '/:id',
      async ({ params, set }) => {
        const account = await found(parts, params.id)
        if (!account.ok) return say(account.error, set, ids)
        return { success: true, account: await accountDesk.view(account.value) } as const
      },
      { ...GET_ACCOUNT },
    )
}

function changeRoutes(parts: ApiParts, callerOf: CallerOf) {
  const { accountDesk, ids } = parts
  return new Elysia({ name: 'accounts-change', normalize: false })
    .post(
      '',
      async ({ body, request, set }) => {
        const live = liveOnly(callerOf(request))
        if (live) return say(live, set, ids)
        const made = await accountDesk.make(body.name, body.plan)
        if (!made.ok) return say(problemOf(made.error, body.name), set, ids)
        return { success: true, account: await accountDesk.view(made.value) } as const
      },
      { body: NewAccountBody, ...MAKE_ACCOUNT },
    )
    .patch(
      '/:id',
      async ({ body, params, request, set }) => {
        const account = liveOnly(callerOf(request)) ?? (await found(parts, params.id))
        if ('code' in account) return say(account, set, ids)
        if (!account.ok) return say(account.error, set, ids)
        const changed = await accountDesk.change(account.value, body)
        if (!changed.ok) return say(problemOf(changed.error, body.name ?? ''), set, ids)
        return { success: true, account: await accountDesk.view(changed.value) } as const
      },
      { body: ChangeAccountBody, ...CHANGE_ACCOUNT },
    )
}

function stateRoutes(parts: ApiParts, callerOf: CallerOf) {
  const { accountDesk, ids } = parts
  const asked = async (named: string | undefined, request: Request): Promise<Result<Account, Problem>> => {
    const live = liveOnly(callerOf(request))
    return live ? fault(live) : found(parts, named)
  }
  return new Elysia({ name: 'accounts-state', normalize: false })
    .post(
      '/:id/suspend',
      async ({ body, params, request, set }) => {
        const account = await asked(params.id, request)
        if (!account.ok) return say(account.error, set, ids)
        const done = await accountDesk.suspend(account.value, body.reason)
        if (!done.ok) return say(problemOf(done.error, account.value.name), set, ids)
        return { success: true, account: await accountDesk.view(done.value) } as const
      },
      { body: SuspendBody, ...SUSPEND_ACCOUNT },
    )
    .post(
      '/:id/resume',
      async ({ params, request, set }) => {
        const account = await asked(params.id, request)
        if (!account.ok) return say(account.error, set, ids)
        const done = await accountDesk.resume(account.value)
        if (!done.ok) return say(problemOf(done.error, account.value.name), set, ids)
        return { success: true, account: await accountDesk.view(done.value) } as const
      },
      { ...RESUME_ACCOUNT },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const ask = readQuery(request, RemoveQuery)
        if (!ask.ok) return say(ask.error, set, ids)
        const account = await asked(params.id, request)
        if (!account.ok) return say(account.error, set, ids)
        if (ask.value.confirm !== account.value.name) return say(UNCONFIRMED, set, ids)
        const done = await accountDesk.remove(account.value)
        if (!done.ok) return say(problemOf(done.error, account.value.name), set, ids)
        return { success: true, account: accountLine(done.value) } as const
      },
      { ...REMOVE_ACCOUNT },
    )
}

function keyRoute(parts: ApiParts, callerOf: CallerOf) {
  const { clock, ids, keys } = parts
  return new Elysia({ name: 'accounts-key', normalize: false }).post(
    '/:id/keys',
    async ({ body, params, request, set }) => {
      const live = liveOnly(callerOf(request))
      if (live) return say(live, set, ids)
      const account = await found(parts, params.id)
      if (!account.ok) return say(account.error, set, ids)
      if (account.value.state === 'deleting') return say(noSuch('account', params.id ?? ''), set, ids)
      const { mode = 'live', name, ...limits } = body
      const access = readLimits(limits, FULL_ACCESS, clock.now())
      if (!access.ok) return say(access.error, set, ids)
      const made = await keys.create({ accountId: account.value.id, name, mode, access: access.value })
      if (!made.ok) return say(fromRefusal(storeRefusal(made.error)), set, ids)
      const { key, secret } = made.value
      return { success: true, key: keyView(key, clock.now()), secret } as const
    },
    { body: AccountKeyBody, ...MAKE_ACCOUNT_KEY },
  )
}

const liveOnly = ({ key }: Caller): Problem | null => (key.mode === 'test' ? LIVE_KEY_REQUIRED : null)

async function found(
  { accountDesk }: ApiParts,
  named: string | undefined | null,
): Promise<Result<Account, Problem>> {
  const account = await accountDesk.find(named ?? '')
  return account ? ok(account) : fault(noSuch('account', named ?? ''))
}

const UNCONFIRMED = invalid('confirm', 'is not the name of the account')

function problemOf(error: AccountFault, name: string): Problem {
  switch (error) {
    case 'exists':
      return { code: 'name_taken', message: `There is an account ${name} already.` }
    case 'bad-name':
      return invalid('name', 'wants 1 to 63 letters, digits, ".", "_" or "-"')
    case 'unknown-plan':
      return invalid('plan', 'is no plan of the configuration')
    case 'default-account':
      return {
        code: 'default_account',
        message: 'The default account is neither suspended, renamed nor deleted.',
      }
    case 'not-found':
      return noSuch('account', name)
    case 'full':
    case 'busy':
    case 'unavailable':
      return fromRefusal(storeRefusal(error))
    default:
      return error satisfies never
  }
}
