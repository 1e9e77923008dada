//
// Owns: the names in front of the sandbox domain, and what each of them plays. Pure.

import { domainOf, type ForwardPath, localPartOf } from '../../core/address.ts'
import { SANDBOX_DOMAIN } from '../../core/message.ts'

/** What a recipient does after the delivery. */
export type Encore = 'complaint' | 'open' | 'click' | 'unsubscribe'

export type Role = 'delivered' | 'bounce-hard' | 'bounce-soft' | 'defer' | Encore

const ROLES: Readonly<Record<string, Role>> = {
  'bounce-hard': 'bounce-hard',
  'bounce-soft': 'bounce-soft',
  defer: 'defer',
  complain: 'complaint',
  open: 'open',
  click: 'click',
  unsubscribe: 'unsubscribe',
}

/** Null: nothing comes after the delivery. */
export function encoreOf(recipient: ForwardPath): Encore | null {
  const role = roleOf(recipient)
  return role === 'complaint' || role === 'open' || role === 'click' || role === 'unsubscribe' ? role : null
}

/** Null: no recipient of the sandbox. Whatever has no other part is delivered. */
export function roleOf(recipient: ForwardPath): Role | null {
  if (domainOf(recipient) !== SANDBOX_DOMAIN) return null
  // A tag tells copies apart: open+1@, open+2@.
  const [name = ''] = localPartOf(recipient).toLowerCase().split('+')
  return Object.hasOwn(ROLES, name) ? (ROLES[name] ?? 'delivered') : 'delivered'
}
