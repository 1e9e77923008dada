//
// Owns: wiring what encryption towards receivers rests on: their policies, the operator's word, counts and reports.

import type { ReportedPolicy } from './core/route.ts'
import type { Foundation } from './foundation.ts'
import type { Notices } from './services/notices/notices.ts'
import { TlsReporter } from './services/reports/tls-reporter.ts'
import { TlsTallies } from './services/reports/tls-tally.ts'
import { Router, type RouterOptions, type TlsRules } from './services/routing/route.ts'
import { StsPolicies } from './services/routing/sts.ts'

export interface TlsCare {
  readonly router: Router
  readonly sts: StsPolicies
  readonly rules: TlsRules
  readonly tallies: TlsTallies
}

/** A policy that is announced and could not be read. */
const UNREAD: ReportedPolicy = { type: 'sts', strings: [], mxHosts: [] }

/** Router, policies and counts know each other: they are made together. */
export function openTlsCare(foundation: Foundation, options: Omit<RouterOptions, 'tls'>): TlsCare {
  const { clock, config, http, log, resolver, store } = foundation
  const { delivery } = config
  const sts: StsPolicies = new StsPolicies({
    resolver,
    http,
    store: store.tls,
    clock,
    log,
    port: delivery.stsPort,
    onChanged: (domain) => router.forget(domain),
    onFault: (domain, fault) => tallies.noteFault(domain, { policy: UNREAD, mx: '', ...fault }),
  })
  const rules: TlsRules = {
    dane: delivery.dane === 'auto',
    sts: delivery.mtaSts ? sts : null,
    overrides: new Map(config.tlsPolicy.map(({ domain, policy }) => [domain.toLowerCase(), policy])),
    onFault: (domain, fault) => tallies.noteFault(domain, fault),
  }
  const router: Router = new Router({ ...options, tls: rules })
  const tallies = new TlsTallies({
    store: store.tls,
    clock,
    policyOf: (domain) => router.reportedOf(domain),
  })
  return { router, sts, rules, tallies }
}

export function tlsReporterOf(
  { clock, config, dice, hostDomain, http, log, resolver, store }: Foundation,
  notices: Notices,
): TlsReporter {
  const { server, tlsReports } = config
  return new TlsReporter({
    store: store.tls,
    resolver,
    notices,
    http,
    clock,
    dice,
    log,
    organization: hostDomain,
    contact: tlsReports.contact || server.operator || `postmaster@${hostDomain}`,
    send: tlsReports.send,
  })
}
