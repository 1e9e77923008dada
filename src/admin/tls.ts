//
// Owns: the admin action over encryption towards a recipient domain: what applies, and why.

import { parseDomain } from '../core/address.ts'
import { fault, ok } from '../core/result.ts'
import type { DnsAnswer, MxHost, Route } from '../core/route.ts'
import type { Resolver } from '../net/dns/resolver.ts'
import { endpointsOf } from '../services/reports/tls-report.ts'
import type { Router, TlsRules } from '../services/routing/route.ts'
import type { StsInForce, StsPolicies } from '../services/routing/sts.ts'
import type { ReachableRoute } from '../services/routing/tls-policy.ts'
import type { AdminActions } from './admin.ts'
import { iso } from './faults.ts'
import type { StsRow, TlsHostRow, TlsView } from './tls-rows.ts'

export interface TlsParts {
  readonly tls: { readonly router: Router; readonly sts: StsPolicies; readonly rules: TlsRules }
  readonly resolver: Resolver
}

export function tlsActions({ tls, resolver }: TlsParts): Pick<AdminActions, 'tlsShow'> {
  return {
    tlsShow: async ({ domain: text }) => {
      const domain = parseDomain(text)
      if (!domain.ok) {
        return fault({
          code: 'invalid_domain',
          message: `${JSON.stringify(text)} is not a domain; want one such as example.com`,
        })
      }
      const name = domain.value
      const [route, records] = await Promise.all([tls.router.find(name), resolver.txt(`_smtp._tls.${name}`)])
      const sts = tls.rules.sts === null ? null : await tls.sts.cached(name)
      const endpoints = records.ok ? endpointsOf(records.value.records) : []
      return ok({
        domain: name,
        ...demandOf(route),
        override: tls.rules.overrides.get(name) ?? null,
        hosts: 'hosts' in route ? route.hosts.map((host) => hostRow(host, route)) : [],
        mta_sts: sts && stsRow(sts),
        reports_to: endpoints.map((one) => (one.kind === 'mail' ? `mailto:${one.to}` : one.url)),
      })
    },
  }
}

const stsRow = ({ mode, policyId, mx, fetchedAt, expiresAt }: StsInForce): StsRow => ({
  mode,
  id: policyId,
  mx,
  fetched_at: iso(fetchedAt),
  expires_at: iso(expiresAt),
})

const hostRow = (host: MxHost, { tls }: ReachableRoute): TlsHostRow => ({
  mx: host.exchange,
  preference: host.preference,
  demand: demandAt(host, tls.kind),
  tlsa: (host.tlsa ?? []).map(
    ({ usage, selector, matchingType, data }) => `${usage} ${selector} ${matchingType} ${data}`,
  ),
})

/** DANE of a host goes before; records that cannot be used demand encryption at least (RFC 7672 §2.2). */
function demandAt({ tlsa }: MxHost, kind: TlsHostRow['demand']): TlsHostRow['demand'] {
  if (tlsa === undefined || kind === 'none') return kind
  if (tlsa.length > 0) return 'dane'
  return kind === 'verified' ? kind : 'required'
}

function demandOf(route: Route): Pick<TlsView, 'demand' | 'why'> {
  if (route.kind === 'null-mx') return { demand: 'bounces', why: 'the domain takes no mail (RFC 7505)' }
  if (route.kind === 'unresolved') {
    return { demand: FOR_GOOD.has(route.answer) ? 'bounces' : 'waits', why: WHY_WAITS[route.answer] }
  }
  const { hosts, tls } = route
  if ('why' in tls) return { demand: tls.kind, why: tls.why }
  const demands = new Set(hosts.map((host) => demandAt(host, tls.kind)))
  if (demands.has('dane')) return { demand: 'dane', why: 'TLSA records in a signed zone (RFC 7672)' }
  if (demands.has('required'))
    return { demand: 'required', why: 'TLSA records that cannot be used (RFC 7672 §2.2)' }
  return { demand: 'opportunistic', why: 'nothing is demanded; encryption is used where it is offered' }
}

/** As mail/bounces judges them. */
const FOR_GOOD: ReadonlySet<DnsAnswer> = new Set(['nxdomain', 'no-address', 'own-address', 'private-address'])

const WHY_WAITS: Readonly<Record<DnsAnswer, string>> = {
  nxdomain: 'the domain does not exist',
  'no-address': 'none of its hosts has an address',
  servfail: 'the name servers fail to answer',
  timeout: 'the name servers do not answer',
  'own-address': 'its MX is this machine',
  'private-address': 'its MX is on an inside address',
  'sts-no-match': 'its MTA-STS policy names none of its MX hosts',
  'dnssec-bogus': 'the proof by TLSA records that is demanded cannot be had',
}
