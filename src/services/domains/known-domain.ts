//
// Owns: a domain with all that is known of it.

import type { SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { DomainCare } from '../../store/domain-store.ts'
import type { DnsRecord } from './records.ts'

export interface DomainWithRecords {
  readonly domain: SendingDomain
  readonly keys: readonly StoredDkimKey[]
  readonly records: readonly DnsRecord[]
  /** Null: nobody has looked yet. */
  readonly care: DomainCare | null
}
