//
// Owns: whether an address is of a company that looks at others' mail (mail/tracking/networks.ts).

import ipaddr from 'ipaddr.js'
import { KNOWN_NETWORKS } from '../../mail/tracking/networks.ts'

type Block = [ipaddr.IPv4, number]

/** By first octet, of which no network here has two: nearly every reader's leads to nothing. */
const BLOCKS: ReadonlyMap<string, readonly Block[]> = Map.groupBy(
  KNOWN_NETWORKS.map(({ address, prefix }): Block => [ipaddr.IPv4.parse(address), prefix]),
  ([address]) => String(address.octets[0]),
)

export function isKnownNetwork(ip: string): boolean {
  const blocks = BLOCKS.get(ip.slice(0, Math.max(0, ip.indexOf('.'))))
  if (blocks === undefined || !ipaddr.IPv4.isValidFourPartDecimal(ip)) return false
  const address = ipaddr.IPv4.parse(ip)
  return blocks.some((block) => address.match(block))
}
