//
// Owns: which addresses this machine has: mail to ourselves would be a loop, and what family we lack is not tried.

import { networkInterfaces } from 'node:os'
import type { Family } from './net/dns/resolver.ts'
import { reachOf } from './net/http/reach.ts'

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

/**
 * The one address that the world sees when the system chooses: with several, or behind a translator, nobody here knows
 * it, and the node's name stands for it. IPv4 first, as mail is sent.
 */
export function nameOfSystemsChoice({ addresses }: Pick<OwnAddresses, 'addresses'>, node: string): string {
  const outside = addresses.filter((address) => reachOf(address) === 'public')
  const [ipv4, ...others] = outside.filter((address) => !address.includes(':'))
  if (ipv4 !== undefined) return others.length === 0 ? ipv4 : `node:${node}`
  return outside.length === 1 && outside[0] !== undefined ? outside[0] : `node:${node}`
}

export function familiesOf(addresses: readonly string[]): readonly Family[] {
  const families: Family[] = []
  if (addresses.some((address) => !address.includes(':'))) families.push('ipv4')
  if (addresses.some((address) => address.includes(':'))) families.push('ipv6')
  return families
}
