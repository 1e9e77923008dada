//
// Owns: which addresses we may be sent to (T9, T10): neither a domain's owner nor the author of a URL may aim us at our
// own inside. Mail's routing asks the same question. Pure.

import ipaddr from 'ipaddr.js'

/**
 * `public`: on the internet. `inside`: loopback, private, link-local, documentation and the like, for labs only.
 * `never`: nothing that a connection could be made to in good faith (multicast, unspecified, IPv4 in disguise).
 */
export type Reach = 'public' | 'inside' | 'never'

const NEVER: ReadonlySet<string> = new Set([
  'unspecified', // Linux connects 0.0.0.0 and :: to itself.
  'broadcast',
  'multicast',
  'discard',
  'ipv4Mapped', // An A record says the same without hiding from lists like this one.
  'rfc6145',
])
/** Global unicast is 2000::/3 (RFC 4291 §2.4, RFC 3587); what lies elsewhere is assigned to nobody. */
const GLOBAL_UNICAST = 0b001
/** RFC 6052 §2.1: a translator stands behind it, which would reach whatever IPv4 address is written in the end. */
const NAT64 = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] as const

export function reachOf(address: string): Reach {
  if (!ipaddr.isValid(address)) return 'never'
  const parsed = ipaddr.parse(address)
  const range: string = parsed.range()
  if (NEVER.has(range)) return 'never'
  const bytes = parsed.toByteArray()
  if (range === 'unicast') {
    const global = parsed.kind() === 'ipv4' || (bytes[0] ?? 0) >> 5 === GLOBAL_UNICAST
    return global ? 'public' : 'never'
  }
  if (range === 'rfc6052' && NAT64.every((byte, at) => bytes[at] === byte)) return embedded(bytes, 12)
  // RFC 3056 §2: 2002: and then the IPv4 address of the gateway.
  if (range === '6to4') return embedded(bytes, 2)
  return 'inside'
}

const embedded = (bytes: readonly number[], at: number): Reach => reachOf(bytes.slice(at, at + 4).join('.'))

/** One spelling per address, so that they can be compared; text that is no address stays as it is. */
export const canonical = (address: string): string =>
  ipaddr.isValid(address) ? ipaddr.process(address).toString() : address

export const isIpv6 = (address: string): boolean => address.includes(':')
