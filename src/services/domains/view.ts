//
// Owns: how sending domains, their records, keys and findings look to people and programs: in the API and on the command
// line. Pure.
// Never: a private key.

import type { SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { Finding, FindingState } from '../../core/finding.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { DomainWithRecords } from './known-domain.ts'
import {
  type DnsRecord,
  dkimName,
  dkimValue,
  goneAfter,
  missingOf,
  returnPathHost,
  trackingHostOf,
} from './records.ts'

export type DomainStatus = 'pending' | 'verified' | 'failing'

const iso = (at: Milliseconds): string => new Date(at).toISOString()
const isoOrNull = (at: Milliseconds | null): string | null => (at === null ? null : iso(at))

/** `failing`: verified still, and no longer if what is wrong stays so for a day. */
export function statusOf({ care, domain }: Pick<DomainWithRecords, 'care' | 'domain'>): DomainStatus {
  if (domain.verifiedAt === null) return 'pending'
  return care?.wrongSince == null ? 'verified' : 'failing'
}

export const domainView = (known: DomainWithRecords) => {
  const { care, domain, records } = known
  return {
    name: domain.name,
    status: statusOf(known),
    verified: domain.verifiedAt !== null,
    verified_at: isoOrNull(domain.verifiedAt),
    failing_since: isoOrNull(care?.wrongSince ?? null),
    checked_at: isoOrNull(domain.checkedAt),
    next_check_at: care === null || care.lookAt === 0 ? null : iso(care.lookAt),
    created_at: iso(domain.createdAt),
    missing: missingOf(records),
    return_path: returnPathHost(domain.name),
    ...switchesView(domain),
  }
}

const switchesView = (domain: SendingDomain) => ({
  track_opens: domain.tracking.opens,
  track_clicks: domain.tracking.clicks,
  tracking_host: trackingHostOf(domain),
  dkim_rotation: domain.dkimRotation,
})

export type RecordState = FindingState | 'unchecked'

/** What to publish, with what was found of it at the last look. */
export function recordView(record: DnsRecord, findings: readonly Finding[]) {
  const finding = findings.find(
    ({ check, name }) => name === record.name && (FINDING_OF[record.check] ?? record.check) === check,
  )
  const state: RecordState = finding?.state ?? 'unchecked'
  return {
    type: record.type,
    name: record.name,
    relative_name: record.relativeName,
    value: record.value,
    strings: record.strings,
    purpose: record.purpose,
    required: record.required,
    state,
    found: finding?.found ?? [],
    message: finding?.message ?? 'Nobody has looked yet.',
    fix: finding?.fix ?? '',
  }
}

const FINDING_OF: Readonly<Record<DnsRecord['check'], Finding['check']>> = {
  dkimRsa: 'dkim',
  dkimEd25519: 'dkim',
  dkimNext: 'dkim',
  dkimRetired: 'dkim',
  returnPathMx: 'return_path_mx',
  returnPathSpf: 'return_path_spf',
  dmarc: 'dmarc',
  tracking: 'tracking',
}

export const recordViews = ({ care, records }: DomainWithRecords) =>
  records.map((record) => recordView(record, care?.findings ?? []))

export const findingView = ({ check, fix, found, message, name, required, state, type }: Finding) => ({
  check,
  type,
  name,
  state,
  required,
  found,
  message,
  fix,
})

export const dkimKeyView = (key: StoredDkimKey) => ({
  selector: key.selector,
  algorithm: key.algorithm,
  state: key.state,
  origin: key.origin,
  name: dkimName(key),
  value: dkimValue(key),
  seen: key.seenLooks > 0,
  created_at: iso(key.createdAt),
  activated_at: isoOrNull(key.activatedAt),
  retired_at: isoOrNull(key.retiredAt),
  publish_until: key.state === 'retired' ? goneAfter(key) : null,
})

/** In the notation of zone files (RFC 1035 §5.1), which most DNS hosts take as an import. */
export function zoneText(
  records: readonly Pick<DnsRecord, 'name' | 'purpose' | 'required' | 'strings' | 'type' | 'value'>[],
): string {
  return records
    .map((record) => {
      const value =
        record.type === 'TXT' ? record.strings.map((piece) => `"${piece}"`).join(' ') : `${record.value}.`
      return `; ${record.purpose}${record.required ? '' : ' (optional)'}\n${record.name}. 3600 IN ${record.type} ${value}\n`
    })
    .join('\n')
}
