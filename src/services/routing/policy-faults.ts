//
// Owns: what is wrong with a domain's policies themselves, before anybody was connected to: its owner reads it in a TLS
// report (RFC 8460 §4.3.2). Pure.

import type { TlsResultType } from '../../core/outcome.ts'
import type { MxHost, ReportedPolicy } from '../../core/route.ts'
import type { DaneFinding } from './dane.ts'
import type { StsInForce } from './sts.ts'
import { matchesPolicy } from './sts-policy.ts'
import { reportedSts } from './tls-policy.ts'

export interface PolicyFault {
  readonly policy: ReportedPolicy
  /** Empty: it is no single host's. */
  readonly mx: string
  readonly type: TlsResultType
  readonly detail: string
}

export function policyFaults(
  hosts: readonly MxHost[],
  dane: ReadonlyMap<string, DaneFinding>,
  sts: StsInForce | null,
): readonly PolicyFault[] {
  const proven = new Set<string>()
  const faults: PolicyFault[] = []
  for (const [mx, finding] of dane) {
    if (finding.kind === 'records' && finding.records.length > 0) proven.add(mx)
    const fault = daneFault(finding)
    if (fault) faults.push({ policy: { type: 'tlsa', strings: [], mxHosts: [mx] }, mx, ...fault })
  }
  if (sts === null || sts.mode === 'none') return faults
  const strangers = hosts.filter(({ exchange }) => !proven.has(exchange) && !matchesPolicy(exchange, sts.mx))
  const detail = 'the policy does not name this host'
  return [
    ...faults,
    ...strangers.map(({ exchange }): PolicyFault => {
      return { policy: reportedSts(sts), mx: exchange, type: 'validation-failure', detail }
    }),
  ]
}

function daneFault(finding: DaneFinding): Pick<PolicyFault, 'type' | 'detail'> | null {
  if (finding.kind === 'none') return null
  if (finding.kind === 'records') {
    return finding.records.length > 0 ? null : { type: 'tlsa-invalid', detail: 'no TLSA record can be used' }
  }
  // Silence is the network's as often as the domain's.
  if (finding.answer === 'timeout') return null
  return { type: 'dnssec-invalid', detail: 'the TLSA records do not validate' }
}
