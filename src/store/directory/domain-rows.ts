// Owns: the mapping between rows and sending domains, their keys, and what was seen of them.

import type { Selectable } from 'kysely'
import type { DomainChecks, SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import type { Finding } from '../../core/finding.ts'
import type { AccountId } from '../../core/ids.ts'
import type { DomainCare } from '../domain-store.ts'
import type { DkimKeyTable, DomainCareTable, DomainTable } from '../domain-tables.ts'
import { orNull, type Value } from '../rows.ts'

export const domainOfRow = (row: Selectable<DomainTable>): SendingDomain => ({
  name: row.name as Domain,
  accountId: row.account_id as AccountId,
  createdAt: Number(row.created_at),
  verifiedAt: orNull(row.verified_at),
  checkedAt: orNull(row.checked_at),
  checks: JSON.parse(row.checks) as DomainChecks,
  tracking: { opens: Number(row.track_opens) === 1, clicks: Number(row.track_clicks) === 1 },
  trackingHost: row.tracking_host === '' ? null : (row.tracking_host as Domain),
  dkimRotation: Number(row.rotate_dkim) === 1,
  rotationWanted: Number(row.rotate_wanted) === 1,
})

/** In the order of the columns of `domains` without its last, removed_at. */
export const domainValues = (domain: SendingDomain): readonly Value[] => [
  domain.name,
  domain.accountId,
  domain.createdAt,
  domain.verifiedAt,
  domain.checkedAt,
  JSON.stringify(domain.checks),
  Number(domain.tracking.opens),
  Number(domain.tracking.clicks),
  domain.trackingHost ?? '',
  Number(domain.dkimRotation),
  Number(domain.rotationWanted),
]

export const dkimKeyOfRow = (row: Selectable<DkimKeyTable>): StoredDkimKey => ({
  domain: row.domain as Domain,
  selector: row.selector,
  algorithm: row.algorithm as StoredDkimKey['algorithm'],
  publicKey: row.public_key,
  sealedPrivateKey: row.sealed_private_key,
  createdAt: Number(row.created_at),
  state: row.state as StoredDkimKey['state'],
  origin: row.origin as StoredDkimKey['origin'],
  activatedAt: orNull(row.activated_at),
  retiredAt: orNull(row.retired_at),
  seenSince: orNull(row.seen_since),
  seenAt: orNull(row.seen_at),
  seenLooks: Number(row.seen_looks),
})

export const dkimKeyValues = (key: StoredDkimKey): readonly Value[] => [
  key.domain,
  key.selector,
  key.algorithm,
  key.publicKey,
  key.sealedPrivateKey,
  key.createdAt,
  key.state,
  key.origin,
  key.activatedAt,
  key.retiredAt,
  key.seenSince,
  key.seenAt,
  key.seenLooks,
]

export const careOfRow = (row: Selectable<DomainCareTable>): DomainCare => ({
  lookAt: Number(row.look_at),
  wrongSince: orNull(row.wrong_since),
  wrongLooks: Number(row.wrong_looks),
  told: row.told,
  findings: JSON.parse(row.findings) as Finding[],
})
