//
// Owns: from which of our addresses a delivery leaves. Pure: what is known of lanes and budgets comes in.
// With none configured the system chooses, and that is the one source there is.

import ipaddr from 'ipaddr.js'
import type { Route } from '../../core/route.ts'
import type { ReachableRoute } from '../../net/delivery/order.ts'
import type { Standing } from '../sources/ledger.ts'
import type { OutgoingSource } from '../sources/outgoing.ts'

/** A literal address, or null for the system's choice. */
export type Source = string | null

export interface Candidates {
  /** Those of the message's pool. */
  readonly sources: readonly OutgoingSource[]
  /** Whether the system may choose an IPv6 address; null: not known yet. */
  readonly systemMayUseIpv6: boolean | null
  /** Null: nothing is counted for it there. */
  standingOf(source: OutgoingSource): Standing | null
  /** Only marketing mail asks. */
  hasRoom(standing: Standing): boolean
  waitingAt(source: Source): number
  /** The provider takes nothing from it now and says why. */
  isBlocked(source: Source): boolean
  /** The provider has told it to go slower. */
  isSlowed(source: Source): boolean
  /** Where the attempt before this one left from. */
  readonly last: Source
  /** It was unwanted there. */
  readonly avoidsLast: boolean
}

export type Choice =
  | {
      readonly kind: 'source'
      readonly source: OutgoingSource
      readonly standing: Standing | null
      /** The one that was given, or without the addresses that this source must not use. */
      readonly route: ReachableRoute
      /** There was none that is not. */
      readonly blocked: boolean
    }
  /** Every one that could go has had its share of today. */
  | { readonly kind: 'spent'; readonly source: OutgoingSource }
  /** Only IPv6 leads there, and nobody knows yet whether our PTR is right. */
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'none'; readonly detail: string }

/**
 * Of those that can go at all the one with the least before it; one that is blocked only when all are. The one that was
 * there before goes again (a greylist knows it), unless another one is less in trouble or it was unwanted itself.
 */
export function chooseSource(route: ReachableRoute, candidates: Candidates, isMarketing: boolean): Choice {
  const facts = factsOf(route)
  const again = candidates.last !== null
  let best: Chosen | null = null
  let least = Number.POSITIVE_INFINITY
  let lesser: Lesser = NO_FAMILY
  for (const source of candidates.sources) {
    const choice = judge(source, { facts, candidates, isMarketing })
    if (choice.kind !== 'source') {
      lesser = weightier(lesser, choice)
      continue
    }
    const { address } = source
    let waiting = candidates.waitingAt(address)
    if (choice.blocked) waiting += BEHIND_ALL
    else if (again && candidates.isSlowed(address)) waiting += BEHIND_MOST
    if (again && address === candidates.last)
      waiting += candidates.avoidsLast ? BEHIND_MOST : -FIRST_OF_EQUALS
    if (waiting >= least) continue
    best = choice
    least = waiting
  }
  return best ?? lesser
}

/** Each more than any lane holds, and more than the next one and what a lane holds together. */
const BEHIND_ALL = 1e9
const BEHIND_MOST = 1e7
const FIRST_OF_EQUALS = 1e6

interface Question {
  readonly facts: RouteFacts
  readonly candidates: Candidates
  readonly isMarketing: boolean
}

function judge(source: OutgoingSource, { facts, candidates, isMarketing }: Question): Choice {
  const way = wayFrom(source, facts, candidates.systemMayUseIpv6)
  if ('kind' in way && (way.kind === 'none' || way.kind === 'unchecked')) return way
  const standing = candidates.standingOf(source)
  if (isMarketing && standing !== null && !candidates.hasRoom(standing)) return { kind: 'spent', source }
  return { kind: 'source', source, standing, route: way, blocked: candidates.isBlocked(source.address) }
}

type Chosen = Extract<Choice, { kind: 'source' }>
type Lesser = Exclude<Choice, { kind: 'source' }>

const UNCHECKED = { kind: 'unchecked' } as const
const NO_FAMILY = { kind: 'none', detail: 'no outgoing address has the family of the receiver' } as const
const BAD_PTR = {
  kind: 'none',
  detail: 'the receiver has IPv6 alone, and our IPv6 address has no right PTR record',
} as const

/** What passes by itself outweighs what does not. */
const weightier = (one: Lesser, other: Lesser): Lesser => (rank(other) > rank(one) ? other : one)
const rank = (choice: Lesser): number => {
  if (choice === NO_FAMILY) return 0
  if (choice === BAD_PTR) return 1
  return choice.kind === 'unchecked' ? 2 : 3
}

function wayFrom(
  source: OutgoingSource,
  facts: RouteFacts,
  systemMayUseIpv6: boolean | null,
): ReachableRoute | typeof NO_FAMILY | typeof BAD_PTR | typeof UNCHECKED {
  if (source.address === null) {
    if (!facts.hasIpv6 || systemMayUseIpv6 === true) return facts.route
    if (facts.withoutIpv6 !== null) return facts.withoutIpv6
    return systemMayUseIpv6 === null ? UNCHECKED : BAD_PTR
  }
  if (!source.isIpv6) return facts.hasIpv4 ? facts.route : NO_FAMILY
  if (!facts.hasIpv6) return NO_FAMILY
  if (source.usable) return facts.route
  return source.ptr.state === 'unchecked' ? UNCHECKED : BAD_PTR
}

// ── What a route is made of: asked for every delivery, found out once per route ─────────────────

export interface RouteFacts {
  readonly route: ReachableRoute
  readonly hasIpv4: boolean
  readonly hasIpv6: boolean
  /** Null when nothing is left. */
  readonly withoutIpv6: ReachableRoute | null
  /** All of it is loopback or a private network: a lab, in which nobody's trust is to be earned. */
  readonly isPrivate: boolean
}

const FACTS = new WeakMap<Route, RouteFacts>()

export function factsOf(route: ReachableRoute): RouteFacts {
  const known = FACTS.get(route)
  if (known !== undefined) return known
  const addresses = route.hosts.flatMap((host) => host.addresses)
  const facts: RouteFacts = {
    route,
    hasIpv4: addresses.some((address) => !isV6(address)),
    hasIpv6: addresses.some(isV6),
    withoutIpv6: withoutIpv6(route),
    isPrivate: addresses.every(isPrivate),
  }
  FACTS.set(route, facts)
  return facts
}

function withoutIpv6(route: ReachableRoute): ReachableRoute | null {
  const hosts = route.hosts
    .map((host) => ({ ...host, addresses: host.addresses.filter((address) => !isV6(address)) }))
    .filter((host) => host.addresses.length > 0)
  return hosts.length === 0 ? null : { ...route, hosts }
}

const isV6 = (address: string): boolean => address.includes(':')

const PRIVATE: ReadonlySet<string> = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal'])

const isPrivate = (address: string): boolean =>
  ipaddr.isValid(address) && PRIVATE.has(ipaddr.process(address).range())
