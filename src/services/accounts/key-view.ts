//
// Owns: how a key looks in the API and on the command line. Pure.
// Never: its secret.

import type { ApiKey } from '../../core/account.ts'
import type { Milliseconds } from '../../core/time.ts'

export type KeyState = 'active' | 'expired' | 'revoked'

export function keyState({ expiresAt, revokedAt }: ApiKey, now: Milliseconds): KeyState {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active'
}

export const keyView = (key: ApiKey, now: Milliseconds) => ({
  id: key.id,
  name: key.name,
  mode: key.mode,
  prefix: key.prefix,
  state: keyState(key, now),
  scopes: key.scopes,
  domains: key.domains,
  addresses: key.addresses,
  networks: key.networks,
  created_at: iso(key.createdAt),
  expires_at: isoOrNull(key.expiresAt),
  last_used_at: isoOrNull(key.lastUsedAt),
  last_used_from: key.lastUsedFrom,
  revoked_at: isoOrNull(key.revokedAt),
})

const iso = (at: Milliseconds): string => new Date(at).toISOString()
const isoOrNull = (at: Milliseconds | null): string | null => (at === null ? null : iso(at))
