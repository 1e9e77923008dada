// Owns: the mapping between rows and accounts, keys, domains.

import type { Selectable } from 'kysely'
import type { Account, ApiKey, DomainChecks, SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import type { AccountId, KeyId } from '../../core/ids.ts'
import { orNull } from '../rows.ts'
import type { AccountTable, ApiKeyTable, DkimKeyTable, DomainTable } from '../tables.ts'

export const accountOfRow = (row: Selectable<AccountTable>): Account => ({
  id: row.id as AccountId,
  name: row.name,
  plan: row.plan,
  createdAt: Number(row.created_at),
})

export const keyOfRow = (row: Omit<Selectable<ApiKeyTable>, 'hash'>): ApiKey => ({
  id: row.id as KeyId,
  accountId: row.account_id as AccountId,
  name: row.name,
  mode: row.mode as ApiKey['mode'],
  prefix: row.prefix,
  createdAt: Number(row.created_at),
  lastUsedAt: orNull(row.last_used_at),
  revokedAt: orNull(row.revoked_at),
})

export const domainOfRow = (row: Selectable<DomainTable>): SendingDomain => ({
  name: row.name as Domain,
  accountId: row.account_id as AccountId,
  createdAt: Number(row.created_at),
  verifiedAt: orNull(row.verified_at),
  checkedAt: orNull(row.checked_at),
  checks: JSON.parse(row.checks) as DomainChecks,
  tracking: { opens: Number(row.track_opens) === 1, clicks: Number(row.track_clicks) === 1 },
})

export const dkimKeyOfRow = (row: Selectable<DkimKeyTable>): StoredDkimKey => ({
  domain: row.domain as Domain,
  selector: row.selector,
  algorithm: row.algorithm as StoredDkimKey['algorithm'],
  publicKey: row.public_key,
  sealedPrivateKey: row.sealed_private_key,
  createdAt: Number(row.created_at),
})
