//
// Owns: the door's words for an account that may not send now: too fast, more than its quota, or suspended.

import { SECOND } from '../../core/time.ts'
import type { LimitVerdict } from '../accounts/authenticate.ts'
import type { Refusal } from './refusal.ts'

export function limitRefusal({ exceeded, plan, retryAfter, suspended }: LimitVerdict): Refusal {
  if (suspended !== undefined) {
    const why = suspended === '' ? '' : `: ${suspended}`
    return { code: 'account_suspended', say: `This account is suspended${why}. Nothing was accepted.` }
  }
  if (exceeded !== undefined) {
    const { limit, never, per, renewsAt } = exceeded
    if (never) {
      const say = `The plan ${plan.name} allows ${limit} mails per ${per}, and this is more at once. It will not pass later either: send it in parts, or ask for another plan.`
      return { code: 'quota_exceeded', say }
    }
    const renews = new Date(renewsAt).toISOString().replace('.000Z', 'Z')
    return {
      code: 'quota_exceeded',
      say: `The plan ${plan.name} allows ${limit} mails per ${per}, and not so many are left. More may be sent from ${renews} on.`,
      retryAfter,
    }
  }
  return {
    code: 'rate_limited',
    say: `The plan ${plan.name} allows ${plan.mailPerSecond} mails per second. Come again in ${Math.ceil(retryAfter / SECOND)} s.`,
    retryAfter,
  }
}
