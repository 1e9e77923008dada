//
// Owns: which encryption a route demands: an operator's word, DANE and MTA-STS, in this order. Pure.
// Never: lets a policy that cannot be met become mail in clear: then there is no route for now (T4).

import type { DnsAnswer, MxHost, ReportedPolicy, Route, TlsPolicy } from '../../core/route.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { DaneFinding } from './dane.ts'
import { unresolved } from './mx.ts'
import { FAILED_HOLD, type StsInForce, type StsKnown } from './sts.ts'
import { matchesPolicy } from './sts-policy.ts'

/** What an operator may demand of one domain, whatever the domain itself says. */
export const TLS_OVERRIDES = ['none', 'opportunistic', 'required', 'verified', 'dane'] as const
export type TlsOverride = (typeof TLS_OVERRIDES)[number]

export type ReachableRoute = Extract<Route, { kind: 'mx' | 'implicit-mx' }>

export interface TlsFacts {
  readonly override: TlsOverride | null
  /** By MX host name; hosts without an entry were not asked about. */
  readonly dane: ReadonlyMap<string, DaneFinding>
  readonly sts: Pick<StsKnown, 'policy' | 'missing'>
}

export function withTlsPolicy(bare: ReachableRoute, facts: TlsFacts, now: Milliseconds): Route {
  const { dane, override } = facts
  const asked = bare.hosts.map((host) => withDane(host, dane.get(host.exchange)))
  const known = asked.filter((host) => host !== null)
  // Hosts behind a broken signature are passed over; with none left the mail waits (RFC 7672 §2.2).
  if (known.length === 0) return unresolved(bare.domain, whyUnknown(dane), now)
  const ttl = [...dane.values()].reduce(leastTtl, Number.POSITIVE_INFINITY)
  const secured = { ...bare, hosts: known, validUntil: Math.min(bare.validUntil, now + ttl * SECOND) }
  if (override !== null) return overridden(secured, override, now)
  const { policy, missing } = facts.sts
  const route = withSts(secured, policy, now)
  return missing ? { ...route, validUntil: Math.min(route.validUntil, now + FAILED_HOLD) } : route
}

/**
 * RFC 8689 §5: the way of a message for which no policy of the receiver counts. The same one where no policy takes a host
 * away, for what a connection is to prove the worker decides by the message.
 */
export function withoutTlsPolicy(bare: ReachableRoute, secured: Route): Route {
  if ('hosts' in secured && secured.hosts.length === bare.hosts.length) return secured
  return { ...bare, validUntil: Math.min(bare.validUntil, secured.validUntil) }
}

function withDane(host: MxHost, finding: DaneFinding | undefined): MxHost | null {
  switch (finding?.kind) {
    case undefined:
    case 'none':
      return host
    case 'records':
      return {
        ...host,
        tlsa: finding.records,
        ...(finding.base === host.exchange ? {} : { tlsaBase: finding.base }),
      }
    case 'unknown':
      return null
    default:
      return finding satisfies never
  }
}

function whyUnknown(dane: ReadonlyMap<string, DaneFinding>): DnsAnswer {
  const answers = [...dane.values()].flatMap((one) => (one.kind === 'unknown' ? [one.answer] : []))
  return answers.includes('dnssec-bogus') ? 'dnssec-bogus' : 'timeout'
}

const leastTtl = (least: number, finding: DaneFinding): number =>
  finding.kind === 'records' ? Math.min(least, finding.ttl) : least

const isProven = (host: MxHost): boolean => host.tlsa !== undefined && host.tlsa.length > 0

function overridden(route: ReachableRoute, override: TlsOverride, now: Milliseconds): Route {
  const why = `tls_policy of ${route.domain}`
  switch (override) {
    case 'none':
    case 'required':
    case 'verified':
      return { ...route, tls: { kind: override, why } }
    case 'opportunistic':
      return { ...route, tls: OPPORTUNISTIC }
    case 'dane': {
      // Without records there is no proof; their absence may be the work of whoever takes the signatures away.
      const hosts = route.hosts.filter(isProven)
      if (hosts.length === 0) return unresolved(route.domain, 'dnssec-bogus', now)
      return { ...route, hosts, tls: { kind: 'verified', why }, reported: reportedDane(hosts) }
    }
    default:
      return override satisfies never
  }
}

const OPPORTUNISTIC: TlsPolicy = { kind: 'opportunistic' }

function withSts(route: ReachableRoute, sts: StsInForce | null, now: Milliseconds): Route {
  const { hosts } = route
  if (sts === null || sts.mode === 'none') {
    // Most domains publish nothing: their routes, which travel with every order, say nothing of it.
    return hosts.some(isProven) ? { ...route, reported: reportedDane(hosts) } : route
  }
  const reported = hosts.every(isProven) ? reportedDane(hosts) : reportedSts(sts)
  const validUntil = Math.min(route.validUntil, sts.expiresAt)
  const named = hosts.map((host) => (matchesPolicy(host.exchange, sts.mx) ? nameProven(host) : host))
  if (sts.mode === 'testing') return { ...route, hosts: named, reported, validUntil }
  // A host that is proven by DANE needs no other proof (RFC 8461 §2); records that cannot be used prove nothing, and
  // the certificate is checked as the policy wants it.
  const allowed = named.filter((host) => isProven(host) || matchesPolicy(host.exchange, sts.mx))
  if (allowed.length === 0) return unresolved(route.domain, 'sts-no-match', now)
  return {
    ...route,
    hosts: allowed.map((host) => (isProven(host) ? host : withoutTlsa(host))),
    tls: { kind: 'verified', why: 'MTA-STS' },
    reported,
    validUntil,
  }
}

const withoutTlsa = ({ tlsa: _, tlsaBase: _base, ...host }: MxHost): MxHost => host
const nameProven = (host: MxHost): MxHost => ({ ...host, nameProven: true })

export const reportedSts = ({ lines, mx }: StsInForce): ReportedPolicy => ({
  type: 'sts',
  strings: lines,
  mxHosts: mx,
})

/** RFC 8460 §4.4: records as a zone file writes them. */
const reportedDane = (hosts: readonly MxHost[]): ReportedPolicy => ({
  type: 'tlsa',
  strings: hosts.flatMap(({ tlsa = [] }) =>
    tlsa.map(({ usage, selector, matchingType, data }) => `${usage} ${selector} ${matchingType} ${data}`),
  ),
  mxHosts: hosts.filter(isProven).map((host) => host.exchange),
})
