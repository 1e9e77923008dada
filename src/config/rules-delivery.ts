//
// Owns: what the keys of outgoing mail demand of each other: modes, addresses, pools, smarthosts.

import ipaddr from 'ipaddr.js'
import type { BrokenRule } from './broken-rule.ts'
import type { Config } from './schema.ts'
import { isLoopback } from './units.ts'

/** Where mail goes that no [[pool]] claims. */
export const DEFAULT_POOL = 'default'

type Outgoing = Pick<Config, 'delivery' | 'source' | 'pool' | 'relay'>

export function deliveryRules(config: Outgoing): readonly BrokenRule[] {
  return [...sourceRules(config), ...poolRules(config), ...relayRules(config)]
}

function sourceRules({ delivery, source, pool }: Outgoing): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  if (delivery.sourceIps.length > 0 && source.length > 0) {
    broken.push({
      key: 'delivery.source_ips',
      say: 'delivery.source_ips and [[source]] both name outgoing addresses; want them all as [[source]]',
    })
  }
  const known = new Set([DEFAULT_POOL, ...pool.map(({ name }) => name)])
  const seen = new Set<string>()
  for (const [i, one] of source.entries()) {
    const key = `source.${i}`
    if (one.address === '') broken.push({ key: `${key}.address`, say: `${key}.address is missing` })
    else if (seen.has(canonical(one.address))) {
      broken.push({ key: `${key}.address`, say: `${key}.address is ${one.address}, which was named before` })
    }
    if (one.address !== '') seen.add(canonical(one.address))
    if (!known.has(one.pool)) {
      broken.push({
        key: `${key}.pool`,
        say: `${key}.pool is "${one.pool}", which is no [[pool]]; there are: ${[...known].join(', ')}`,
      })
    }
  }
  if (source.length > 0 && !source.some((one) => one.pool === DEFAULT_POOL)) {
    broken.push({
      key: 'source.0.pool',
      say: 'no [[source]] is in the pool "default", where mail goes that no other pool claims',
    })
  }
  return broken
}

function poolRules({ source, pool }: Outgoing): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  const seen = new Set<string>([DEFAULT_POOL])
  for (const [i, { name }] of pool.entries()) {
    const key = `pool.${i}.name`
    if (name === '') broken.push({ key, say: `${key} is missing` })
    else if (seen.has(name)) {
      broken.push({ key, say: `${key} is "${name}", which is taken; want another name` })
    } else if (!source.some((one) => one.pool === name)) {
      broken.push({ key, say: `${key} is "${name}", and no [[source]] is in it` })
    }
    seen.add(name)
  }
  return broken
}

function relayRules({ delivery, relay }: Outgoing): readonly BrokenRule[] {
  const broken: BrokenRule[] = []
  if ((delivery.mode === 'relay' || delivery.mode === 'hybrid') && relay.length === 0) {
    broken.push({
      key: 'delivery.mode',
      say: `delivery.mode is "${delivery.mode}", which wants at least one [[relay]] with its host`,
    })
  }
  const seen = new Set<string>()
  for (const [i, one] of relay.entries()) {
    const key = `relay.${i}`
    const place = `${one.host}:${one.port}`
    if (one.host === '') broken.push({ key: `${key}.host`, say: `${key}.host is missing` })
    else if (seen.has(place)) {
      broken.push({ key: `${key}.host`, say: `${key}.host is ${place}, which was named before` })
    }
    seen.add(place)
    if (one.tls === 'none' && one.host !== '' && !isInside(one.host)) {
      broken.push({
        key: `${key}.tls`,
        say: `${key}.tls "none" would carry mail and password in clear to ${one.host}; want "starttls" or "tls", or a loopback or private address as its host`,
      })
    }
    if (one.tls === 'none' && one.username !== '' && isInside(one.host) && !isLoopback(one.host)) {
      broken.push({
        key: `${key}.tls`,
        say: `${key}.tls "none" would show the password to the network of ${one.host} (RFC 4954); want "starttls" or "tls", or no username`,
      })
    }
    if ((one.username === '') !== (one.password === '')) {
      const missing = one.username === '' ? 'username' : 'password'
      broken.push({ key: `${key}.${missing}`, say: `${key}.${missing} is missing; want both or none` })
    }
  }
  return broken
}

const INSIDE: ReadonlySet<string> = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal'])

const isInside = (host: string): boolean =>
  host === 'localhost' || (ipaddr.isValid(host) && INSIDE.has(ipaddr.process(host).range()))

const canonical = (address: string): string =>
  ipaddr.isValid(address) ? ipaddr.process(address).toString() : address
