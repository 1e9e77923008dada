//
// Owns: the test events of a webhook that are of no mail, one of each type. Pure.

import { type AccountEvent, type AccountEventType, NO_MESSAGE } from '../../core/event.ts'
import { DAY } from '../../core/time.ts'

export function accountSamples(
  head: Pick<AccountEvent, 'id' | 'accountId' | 'at'>,
): Record<AccountEventType, AccountEvent> {
  const none = { ...head, messageId: NO_MESSAGE, recipient: null }
  const ofDomain = {
    ...none,
    subject: 'example.com',
    details: { domain: 'example.com', reason: 'this is a test' },
  }
  const renewsAt = (Math.floor(head.at / DAY) + 1) * DAY
  const quota = { per: 'day', limit: 1000, renews_at: new Date(renewsAt).toISOString() }
  const ofQuota = (percent: number) => ({
    ...none,
    subject: 'day',
    details: { ...quota, percent, used: percent * 10 },
  })
  const since = new Date(head.at).toISOString()
  const ofAlert = {
    ...none,
    subject: '/var/lib/mailwok',
    details: {
      kind: 'disk',
      ailment: 'disk_low',
      about: '/var/lib/mailwok',
      node: 'a',
      why: 'this is a test',
      since,
    },
  }
  return {
    'domain.verified': { ...ofDomain, type: 'domain.verified' },
    'domain.unverified': { ...ofDomain, type: 'domain.unverified' },
    'domain.dkim_rotated': { ...ofDomain, type: 'domain.dkim_rotated' },
    'domain.action_needed': { ...ofDomain, type: 'domain.action_needed' },
    'account.quota_near': { ...ofQuota(80), type: 'account.quota_near' },
    'account.quota_reached': { ...ofQuota(100), type: 'account.quota_reached' },
    'alert.raised': { ...ofAlert, type: 'alert.raised' },
    'alert.cleared': { ...ofAlert, type: 'alert.cleared' },
  }
}
