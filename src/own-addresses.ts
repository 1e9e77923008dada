//
// Owns: which addresses this machine has: mail to ourselves would be a loop, and what family we lack is not tried.

import { networkInterfaces } from 'node:os'
import type { Family } from './net/dns/resolver.ts'

export interface OwnAddresses {
  readonly addresses: readonly string[]
  /** In the order in which they are tried: IPv4 first, whose reputation and PTR are more often right. */
  readonly families: readonly Family[]
}

export function ownAddresses(): OwnAddresses {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const global = all.filter(({ internal }) => !internal)
  const hasV6 = global.some(({ family, address }) => family === 'IPv6' && !address.startsWith('fe80:'))
  return {
    addresses: global.map(({ address }) => address),
    families: hasV6 ? ['ipv4', 'ipv6'] : ['ipv4'],
  }
}
