//
// Owns: what applications are told when a quota comes to its end. Pure.

import { type AccountEvent, NO_MESSAGE } from '../../core/event.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Milliseconds } from '../../core/time.ts'

/** Percent of a quota of which somebody is warned. */
export const QUOTA_LEVELS = [100, 80] as const

export interface QuotaWarning {
  readonly account: AccountId
  readonly per: 'day' | 'month'
  readonly level: (typeof QUOTA_LEVELS)[number]
  readonly limit: number
  readonly used: number
  readonly renewsAt: Milliseconds
}

export const quotaEvent = (
  { account, level, limit, per, renewsAt, used }: QuotaWarning,
  { at, id }: Pick<AccountEvent, 'at' | 'id'>,
): AccountEvent => ({
  id,
  accountId: account,
  messageId: NO_MESSAGE,
  recipient: null,
  type: level === 100 ? 'account.quota_reached' : 'account.quota_near',
  subject: per,
  at,
  details: { per, percent: level, limit, used, renews_at: new Date(renewsAt).toISOString() },
})
