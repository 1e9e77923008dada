// Owns: the mapping between rows and accounts, keys, domains.

import type { Selectable } from 'kysely'
import { FULL_ACCESS, type KeyAccess } from '../../core/access.ts'
import type { Account, AccountSettings, ApiKey } from '../../core/account.ts'
import type { AccountId, KeyId } from '../../core/ids.ts'
import type { AccountTable, ApiKeyTable } from '../account-tables.ts'
import { orNull } from '../rows.ts'

export const accountOfRow = (row: Selectable<AccountTable>): Account => ({
  id: row.id as AccountId,
  name: row.name,
  plan: row.plan,
  createdAt: Number(row.created_at),
  state: row.state as Account['state'],
  reason: row.reason,
  since: Number(row.since),
  settings: JSON.parse(row.settings) as AccountSettings,
})

export const keyOfRow = (row: Omit<Selectable<ApiKeyTable>, 'hash'>): ApiKey => ({
  id: row.id as KeyId,
  accountId: row.account_id as AccountId,
  name: row.name,
  mode: row.mode as ApiKey['mode'],
  prefix: row.prefix,
  createdAt: Number(row.created_at),
  lastUsedAt: orNull(row.last_used_at),
  lastUsedFrom: row.last_used_from,
  revokedAt: orNull(row.revoked_at),
  ...FULL_ACCESS,
  ...(row.access === null ? null : (JSON.parse(row.access) as Omit<KeyAccess, 'expiresAt'>)),
  expiresAt: orNull(row.expires_at),
})
