//
// Owns: how an account looks in the API and on the command line. Pure.

import type { Account, AccountSettings, Plan } from '../../core/account.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { QuotaUse } from './quota.ts'

export interface AccountFacts {
  readonly plan: Plan
  readonly use: Readonly<Record<'day' | 'month', QuotaUse>>
}

export const accountView = (account: Account, { plan, use }: AccountFacts) => ({
  ...accountLine(account),
  limits: planView(plan),
  usage: { day: useView(use.day), month: useView(use.month) },
  settings: settingsView(account.settings),
})

/** As lists have it. */
export const accountLine = ({ createdAt, id, name, plan, reason, since, state }: Account) => ({
  id,
  name,
  plan,
  state,
  reason,
  since: iso(since === 0 ? createdAt : since),
  created_at: iso(createdAt),
})

/** Null is without limit. */
export const planView = (plan: Plan) => ({
  api_per_second: plan.apiPerSecond,
  mail_per_second: plan.mailPerSecond,
  mail_per_day: plan.mailPerDay ?? null,
  mail_per_month: plan.mailPerMonth ?? null,
  max_domains: plan.maxDomains ?? null,
})

export const settingsView = ({ contact, timeZone }: AccountSettings) => ({
  time_zone: timeZone ?? 'UTC',
  contact: contact ?? null,
})

const useView = ({ limit, renewsAt, used }: QuotaUse) => ({
  mails: used,
  limit,
  left: limit === null ? null : Math.max(0, limit - used),
  renews_at: iso(renewsAt),
})

const iso = (at: Milliseconds): string => new Date(at).toISOString()
