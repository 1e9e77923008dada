//
// Owns: from answers of the DNS to the way of a domain's mail (RFC 5321 §5.1, RFC 7505). Pure.
// Never: asks anybody, or says that something is permanent; mail/bounces/classify.ts does.

import { parseDomain } from '../../core/address.ts'
import type { Dice } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import type { DnsAnswer, MxHost, Provider, Route } from '../../core/route.ts'
import { HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Answer, Family, LookupFault, MxRecord } from '../../net/dns/resolver.ts'
import { canonical, isIpv6, reachOf } from '../../net/http/reach.ts'
import { providerOfMx } from './provider.ts'
import type { ProviderBook } from './provider-book.ts'

export interface RoutingRules {
  /** Those of this node, in the order in which a host's addresses are to be tried. */
  readonly families: readonly Family[]
  /** True only in labs (T10). */
  readonly allowPrivateDestinations: boolean
  /** Where this node listens, canonical: an MX there is a loop. */
  readonly ownAddresses: ReadonlySet<string>
  readonly port: number
}

export type Found<Value> = Result<Answer<Value>, LookupFault>

/** What the MX question came to: the end already, or hosts whose addresses are wanted. */
export type Plan = HostPlan | Exclude<Route, { kind: 'mx' | 'implicit-mx' }>

export interface HostPlan {
  readonly kind: 'mx' | 'implicit-mx'
  readonly domain: string
  readonly provider: Provider
  /** In the order in which they are to be tried. */
  readonly exchanges: readonly MxRecord[]
  /** Seconds. */
  readonly ttl: number
  /** The MX answer was signed: these are the hosts of the domain. */
  readonly authentic: boolean
}

export interface Chance {
  readonly now: Milliseconds
  readonly dice: Dice
}

/** RFC 5321 §5.1 asks for at least two; past five we only spend time, and lend ourselves to abuse. */
export const MAX_MX_HOSTS = 5
/** A host with more would hold one attempt for hours when all of them are silent. */
export const MAX_ADDRESSES_PER_HOST = 8

const SHORTEST_VALID: Milliseconds = 5 * SECOND
/** A moved MX is noticed within the hour, whatever its TTL promised. */
const LONGEST_VALID: Milliseconds = HOUR
/** An MX record that is published later must not wait behind the address that stood in for it. */
const IMPLICIT_VALID: Milliseconds = 5 * MINUTE
/** The resolver remembers an authority's "no" as long as its SOA says; here it is only not asked at every message. */
const NO_VALID: Milliseconds = MINUTE
/** With the resolver's own memory of faults: asked again after 45 s at the latest. */
const FAULT_VALID: Milliseconds = 30 * SECOND

export function planFrom(
  domain: string,
  answer: Found<MxRecord>,
  { now, dice }: Chance,
  book: ProviderBook | null = null,
): Plan {
  if (!answer.ok) {
    // The domain exists and has no MX record: it is its own host (RFC 5321 §5.1).
    if (answer.error === 'nodata') return implicitPlan(domain)
    return unresolved(domain, answer.error, now)
  }
  const { records, ttl, authentic } = answer.value
  // RFC 7505 §3: "." stands alone. Beside real hosts it is a mistake, and the hosts count.
  if (records.every((record) => record.exchange === '')) {
    return { kind: 'null-mx', domain, validUntil: now + validity(ttl, LONGEST_VALID) }
  }
  const exchanges = inOrder(usableNames(records), dice)
  // RFC 5321 §5.1: MX records that all cannot be used are an error; the domain's own address is no way out.
  if (exchanges.length === 0) return unresolved(domain, 'no-address', now)
  return { kind: 'mx', domain, provider: providerOfMx(exchanges, book), exchanges, ttl, authentic }
}

/**
 * `found` holds the answers for those exchanges that were asked about; an alias behind an exchange is against RFC 2181
 * §10.3, common, and followed by the resolver.
 */
export function routeFrom(
  plan: HostPlan,
  found: ReadonlyMap<string, Found<string>>,
  rules: RoutingRules,
  { now, dice }: Chance,
): Route {
  const judged = plan.exchanges.flatMap(({ exchange, preference }) => {
    const answer = found.get(exchange)
    return answer ? [{ exchange, preference, ...judge(answer, rules, dice) }] : []
  })
  const allowed = beforeOurselves(judged)
  const hosts = allowed.filter((host) => host.addresses.length > 0).slice(0, MAX_MX_HOSTS)
  const { domain, provider, kind } = plan
  if (hosts.length === 0) return unresolved(domain, whyNone(kind, judged, allowed), now)
  const ttl = allowed.reduce((least, host) => Math.min(least, host.ttl), plan.ttl)
  return {
    kind,
    domain,
    provider,
    hosts: hosts.map(
      ({ exchange, preference, addresses }): MxHost => ({
        exchange,
        preference,
        addresses,
        ...(plan.authentic ? { nameProven: true } : {}),
      }),
    ),
    port: rules.port,
    tls: { kind: 'opportunistic' },
    validUntil: now + validity(ttl, kind === 'mx' ? LONGEST_VALID : IMPLICIT_VALID),
  }
}

const implicitPlan = (domain: string): HostPlan => ({
  kind: 'implicit-mx',
  domain,
  provider: domain,
  exchanges: [{ preference: 0, exchange: domain }],
  ttl: Number.POSITIVE_INFINITY,
  authentic: false,
})

export const unresolved = (
  domain: string,
  answer: DnsAnswer,
  now: Milliseconds,
): Extract<Route, { answer: unknown }> => ({
  kind: 'unresolved',
  domain,
  answer,
  validUntil: now + (PASSING.has(answer) ? FAULT_VALID : NO_VALID),
})

/** What a name server may answer otherwise in a moment. */
const PASSING: ReadonlySet<DnsAnswer> = new Set(['servfail', 'timeout', 'dnssec-bogus'])

const validity = (ttl: number, longest: Milliseconds): Milliseconds =>
  Math.min(Math.max(ttl * SECOND, SHORTEST_VALID), longest)

/** Each name once, with its best preference. An IP address in the place of a name is none (RFC 1035 §3.3.9). */
function usableNames(records: readonly MxRecord[]): readonly MxRecord[] {
  const best = new Map<string, number>()
  for (const { exchange, preference } of records) {
    const name = parseDomain(exchange)
    if (!name.ok) continue
    best.set(name.value, Math.min(preference, best.get(name.value) ?? preference))
  }
  return [...best].map(([exchange, preference]) => ({ exchange, preference }))
}

/** RFC 5321 §5.1: the lowest preference first; equals MUST be spread over by chance. */
const inOrder = (records: readonly MxRecord[], dice: Dice): readonly MxRecord[] =>
  shuffled(records, dice).sort((one, other) => one.preference - other.preference)

interface JudgedHost {
  readonly addresses: readonly string[]
  readonly ttl: number
  readonly fault: LookupFault | null
  /** One of its addresses is this node's. */
  readonly ours: boolean
  /** An address was taken out by T10. */
  readonly inside: boolean
}

function judge(answer: Found<string>, rules: RoutingRules, dice: Dice): JudgedHost {
  if (!answer.ok) {
    return { addresses: [], ttl: Number.POSITIVE_INFINITY, fault: answer.error, ours: false, inside: false }
  }
  const reachable = answer.value.records.filter((address) => mayReach(address, rules))
  return {
    // Equals are spread: the resolver's order is as old as its cache, and the first address would bear it all.
    addresses: rules.families
      .flatMap((family) =>
        shuffled(
          reachable.filter((a) => isIpv6(a) === (family === 'ipv6')),
          dice,
        ),
      )
      .slice(0, MAX_ADDRESSES_PER_HOST),
    ttl: answer.value.ttl,
    fault: null,
    ours: answer.value.records.some((address) => rules.ownAddresses.has(canonical(address))),
    inside: reachable.length < answer.value.records.length,
  }
}

function mayReach(address: string, rules: RoutingRules): boolean {
  const reach = reachOf(address)
  return reach === 'public' || (reach === 'inside' && rules.allowPrivateDestinations)
}

type Judged = MxRecord & JudgedHost

/** RFC 5321 §5.1: where we are an MX ourselves, hosts no better than us would only send it back. */
function beforeOurselves(hosts: readonly Judged[]): readonly Judged[] {
  const own = hosts.reduce(
    (least, host) => (host.ours ? Math.min(least, host.preference) : least),
    Number.POSITIVE_INFINITY,
  )
  return hosts.filter((host) => host.preference < own)
}

/** What may pass by itself comes first: temporary until proven permanent. */
function whyNone(kind: HostPlan['kind'], hosts: readonly Judged[], allowed: readonly Judged[]): DnsAnswer {
  const faults = allowed.map((host) => host.fault)
  if (faults.includes('servfail')) return 'servfail'
  if (faults.includes('timeout')) return 'timeout'
  if (allowed.length < hosts.length) return 'own-address'
  if (hosts.some((host) => host.inside)) return 'private-address'
  return kind === 'implicit-mx' && faults.includes('nxdomain') ? 'nxdomain' : 'no-address'
}

/** Fisher and Yates; a new array. */
function shuffled<Item>(items: readonly Item[], dice: Dice): Item[] {
  const mixed: Item[] = []
  for (const item of items) {
    const at = Math.floor(dice() * (mixed.length + 1))
    const displaced = mixed[at]
    if (displaced === undefined) mixed.push(item)
    else {
      mixed.push(displaced)
      mixed[at] = item
    }
  }
  return mixed
}
