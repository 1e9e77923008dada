//
// Owns: which domain of its account a request names.

import { parseDomain } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { DomainWithRecords } from '../../services/domains/known-domain.ts'
import type { ApiParts, Caller } from './parts.ts'
import { LIVE_KEY_REQUIRED, noSuch, type Problem } from './problem.ts'

/** The framework gives null for a bad percent-encoding. */
export async function find(
  { domains }: Pick<ApiParts, 'domains'>,
  named: string | undefined | null,
  { key }: Caller,
): Promise<Result<DomainWithRecords, Problem>> {
  const name = parseDomain(named ?? '')
  const known = name.ok ? await domains.find(name.value, key.accountId) : null
  return known === null ? fault(noSuch('domain', named ?? '')) : ok(known)
}

/** For what changes something: domains have no test mode. */
export async function findLive(
  parts: Pick<ApiParts, 'domains'>,
  named: string | undefined | null,
  caller: Caller,
): Promise<Result<DomainWithRecords, Problem>> {
  return caller.key.mode === 'test' ? fault(LIVE_KEY_REQUIRED) : find(parts, named, caller)
}
