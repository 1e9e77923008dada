//
// Owns: which network an address belongs to.

import ipaddr from 'ipaddr.js'
import type { Network } from './units.ts'

export type AddressTest = (address: string) => boolean

/** Throws on what is no network: the configuration has proven it before. */
export function inNetworks(networks: readonly Network[]): AddressTest {
  const blocks = networks.map(({ address, prefix }) => [ipaddr.process(address), prefix] as const)
  if (blocks.length === 0) return () => false
  const belongs = (text: string): boolean => {
    if (!ipaddr.isValid(text)) return false
    const address = ipaddr.process(text)
    return blocks.some(
      ([network, prefix]) => address.kind() === network.kind() && address.match(network, prefix),
    )
  }
  // A program that opens a connection per message comes from the address it came from before.
  let last = { text: '', answer: false }
  return (text) => {
    if (text !== last.text) last = { text, answer: belongs(text) }
    return last.answer
  }
}

/** One spelling of an address, that of v4 on a socket for both; null for what is none. */
export function addressIn(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text
  return ipaddr.IPv6.isValid(text) ? ipaddr.process(text).toString() : null
}

/** Whom limits per address count as one: an IPv6 customer owns a /64 at least. */
export function neighbourhood(address: string): string {
  if (!address.includes(':') || !ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`
}
