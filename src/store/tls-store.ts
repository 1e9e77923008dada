//
// Owns: what the store remembers of TLS between us and receivers: their MTA-STS policies, and how our sessions went.
// Never: what a policy means (services/routing), or what a report says (services/reports).

import type { TlsResultType } from '../core/outcome.ts'
import type { Result } from '../core/result.ts'
import type { ReportedPolicy } from '../core/route.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface TlsStore {
  stsPolicy(domain: string): Promise<StoredStsPolicy | null>
  /** In place of an older one of that domain. */
  keepStsPolicy(policy: StoredStsPolicy): Promise<Result<void, StoreFault>>
  /** Those whose life is more than half over and not yet at its end, the soonest to expire first. */
  ageingStsPolicies(now: Milliseconds, limit: number): Promise<readonly StoredStsPolicy[]>
  dropStsPolicies(expiredBefore: Milliseconds): Promise<Result<void, StoreFault>>

  /** Adds to what is counted already, all in one commit. */
  addTallies(tallies: readonly TlsTally[]): Promise<Result<void, StoreFault>>
  /** Policy domains that have tallies of that day. */
  talliedDomains(day: number): Promise<readonly string[]>
  tallies(day: number, domain: string): Promise<readonly TlsTally[]>
  /** Once they were reported. */
  dropTalliesOf(day: number, domain: string): Promise<Result<void, StoreFault>>
  dropTallies(beforeDay: number): Promise<Result<void, StoreFault>>
}

/** An MTA-STS policy as fetched (RFC 8461 §3.2). */
export interface StoredStsPolicy {
  readonly domain: string
  /** `id` of the TXT record that it was fetched for. */
  readonly policyId: string
  readonly mode: 'enforce' | 'testing' | 'none'
  readonly body: string
  readonly fetchedAt: Milliseconds
  readonly expiresAt: Milliseconds
}

/** Sessions of one day that went the same way (RFC 8460 §4.4). */
export interface TlsTally {
  /** Days since the epoch, UTC. */
  readonly day: number
  readonly domain: string
  readonly policy: ReportedPolicy
  /** Null: as the policy wants it. */
  readonly resultType: TlsResultType | null
  readonly mx: string
  readonly address: string
  /** Our address; empty when it is not known. */
  readonly source: string
  /** Of the first of them. */
  readonly detail: string
  readonly count: number
}
