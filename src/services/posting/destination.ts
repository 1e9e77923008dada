//
// Owns: whether a URL of somebody's choice can be posted to, as far as the URL itself says (threat T9). Pure.
// Never: names: those are judged each time they are asked (net/http).

import { type AllowedPlace, aimOf, allowedAddresses, knownAddresses } from '../../net/http/aim.ts'

export type TargetFault =
  | 'bad-url'
  /** Loopback or a private address. */
  | 'inside-url'

/** `allow`: inside places that webhooks may reach. */
export function targetFault(target: string, allow: readonly AllowedPlace[]): TargetFault | null {
  const aim = aimOf(target)
  if (!aim.ok) return 'bad-url'
  const known = knownAddresses(aim.value.host)
  if (known === null) return null
  return allowedAddresses(aim.value, known, { allow, allowPrivate: false }).ok ? null : 'inside-url'
}
