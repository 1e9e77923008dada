//
// Owns: whether an address's PTR is right: it names a host, and that host has this address (RFC 1912 §2.1, RFC 8601 §3).
// Large receivers refuse mail over IPv6 from where it is not.

import type { LookupFault, Resolver } from '../../net/dns/resolver.ts'
import { canonical, isIpv6, reachOf } from '../../net/http/reach.ts'

/**
 * `unchecked`: nobody could say yet. `private`: an inside address of a lab, or of a machine behind a translator; the
 * world sees another one, and nothing is to be checked here.
 */
export type PtrState = 'ok' | 'missing' | 'mismatch' | 'unchecked' | 'private'

export interface PtrFinding {
  readonly state: PtrState
  /** What the PTR says; the forward-confirmed one where there are several. */
  readonly name: string | null
}

export const UNCHECKED: PtrFinding = { state: 'unchecked', name: null }

/** More PTR records than these are a mistake; receivers look at the first few as well (RFC 7208 §4.6.4 says ten). */
const MAX_NAMES = 10

/** `before` stays where nobody answers: a name server that is away makes no PTR wrong. */
export async function checkPtr(
  address: string,
  resolver: Pick<Resolver, 'ptr' | 'addresses'>,
  before: PtrFinding = UNCHECKED,
): Promise<PtrFinding> {
  if (reachOf(address) !== 'public') return { state: 'private', name: null }
  const found = await resolver.ptr(address)
  if (!found.ok) return isAnswer(found.error) ? { state: 'missing', name: null } : before
  const names = found.value.records.slice(0, MAX_NAMES)
  const [first] = names
  if (first === undefined) return { state: 'missing', name: null }
  const family = isIpv6(address) ? 'ipv6' : 'ipv4'
  let isSilent = false
  for (const name of names) {
    const forward = await resolver.addresses(name, [family])
    if (!forward.ok) isSilent ||= !isAnswer(forward.error)
    else if (forward.value.records.some((record) => canonical(record) === canonical(address))) {
      return { state: 'ok', name }
    }
  }
  return isSilent ? before : { state: 'mismatch', name: first }
}

const isAnswer = (fault: LookupFault): boolean => fault === 'nxdomain' || fault === 'nodata'
