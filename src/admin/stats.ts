//
// Owns: statistics as the operator sees them, of any account.

import { SYSTEM_ACCOUNT } from '../core/account.ts'
import type { AccountId } from '../core/ids.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import { readStatsAsk } from '../services/stats/ask.ts'
import type { Stats } from '../services/stats/stats.ts'
import type { AdminActions, AdminAnswer } from './admin.ts'
import { accountNamed } from './directory.ts'

export type StatsActions = Pick<AdminActions, 'statsShow'>

export interface StatsActionParts {
  readonly accounts: Accounts
  readonly stats: Pick<Stats, 'report'>
  readonly clock: Clock
}

export function statsActions({ accounts, clock, stats }: StatsActionParts): StatsActions {
  return {
    async statsShow({ account: name, ...words }) {
      const account = await idOf(accounts, name)
      if (!account.ok) return account
      const ask = readStatsAsk(words, clock.now())
      if (!ask.ok) {
        const { message, path } = ask.error
        return fault({ code: 'validation_failed', message: `--${path} ${message}` })
      }
      return ok(await stats.report(account.value, ask.value))
    },
  }
}

/** Notices of the node itself have an account without a row, which the operator may look at too. */
async function idOf(accounts: Accounts, name: string): AdminAnswer<AccountId> {
  if (name === SYSTEM_ACCOUNT) return ok(SYSTEM_ACCOUNT)
  const found = await accountNamed(accounts, name)
  return found.ok ? ok(found.value.id) : found
}
