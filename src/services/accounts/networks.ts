//
// Owns: networks in CIDR as keys are limited to: one spelling of them, and whether an address or a network is within.

import ipaddr from 'ipaddr.js'

/** One spelling, the host's bits cleared; null: it is none. A single address is a network of one. */
export function networkIn(text: string): string | null {
  const [, written = '', bits] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? []
  const isFour = ipaddr.IPv4.isValidFourPartDecimal(written)
  if (!isFour && !ipaddr.IPv6.isValid(written)) return null
  const address = ipaddr.process(written)
  const most = address.kind() === 'ipv4' ? 32 : 128
  // ::ffff:192.0.2.0/120 is 192.0.2.0/24.
  const mapped = !isFour && most === 32 ? 96 : 0
  const prefix = bits === undefined ? most : Number(bits) - mapped
  if (prefix < 0 || prefix > most) return null
  const cidr = `${address.toString()}/${prefix}`
  const base =
    most === 32 ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr)
  return `${base.toString()}/${prefix}`
}

/** Empty networks are everywhere. Those are as networkIn spells them. */
export function isFrom(networks: readonly string[], address: string): boolean {
  if (networks.length === 0) return true
  if (!ipaddr.isValid(address)) return false
  const from = ipaddr.process(address)
  return networks.some((network) => {
    const [base, prefix] = ipaddr.parseCIDR(network)
    return base.kind() === from.kind() && from.match(base, prefix)
  })
}

/** What `wanted` reaches and `own` does not. */
export function networksBeyond(wanted: readonly string[], own: readonly string[]): readonly string[] {
  if (own.length === 0) return []
  if (wanted.length === 0) return ['every network']
  return wanted.filter((network) => {
    const [base, prefix] = ipaddr.parseCIDR(network)
    return !own.some((one) => {
      const [from, length] = ipaddr.parseCIDR(one)
      return from.kind() === base.kind() && length <= prefix && base.match(from, length)
    })
  })
}
