//
// Owns: whether an address that its receiver called unusable is on no list all the same. Then our own remedy, to give the
// address up, may be wrong: nobody believes a provider that calls all its good addresses unknown. Pure.

import { domainOf } from '../../core/address.ts'
import { SANDBOX_DOMAIN } from '../../core/message.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Case, Facts } from './case.ts'

/** The list follows the log; nobody is told too early that it does not. */
const FOLLOWED_AFTER: Milliseconds = 30 * SECOND

export function isUnlisted(one: Case, { isListKnown, now }: Pick<Facts, 'isListKnown' | 'now'>): boolean {
  const { delivery, events, failure, message, suppressions } = one
  if (delivery.state !== 'bounced' || failure?.type !== 'hard' || !isListKnown) return false
  if (message.mode === 'test' || domainOf(delivery.recipient) === SANDBOX_DOMAIN) return false
  const last = events.findLast((event) => event.type === 'email.bounced')
  if (last === undefined || now - last.at < FOLLOWED_AFTER) return false
  return !suppressions.some(({ expiresAt }) => expiresAt === null || expiresAt > now)
}

export const WHY_UNLISTED =
  'The address is not on the suppression list: its entry was taken off or has ended, or its provider called so many good addresses unknown at once that it was not believed.'

export const IF_MANY =
  'But if other good addresses there bounced at the same time, keep it: the provider’s directory failed. Send again when it is well.'
