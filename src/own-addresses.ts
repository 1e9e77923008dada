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
  const routable = global.map(({ address }) => address).filter((address) => !address.startsWith('fe80:'))
  return {
    addresses: global.map(({ address }) => address),
    families: familiesOf(routable.length > 0 ? routable : ['127.0.0.1']),
  }
}

export function familiesOf(addresses: readonly string[]): readonly Family[] {
  const families: Family[] = []
  if (addresses.some((address) => !address.includes(':'))) families.push('ipv4')
  if (addresses.some((address) => address.includes(':'))) families.push('ipv6')
  return families
}
