//
// Owns: keys as the operator sees them: he may give more than any key may.

import { FULL_ACCESS, type KeyAccess } from '../core/access.ts'
import type { ApiKey } from '../core/account.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../core/time.ts'
import { type Accounts, DEFAULT_ACCOUNT } from '../services/accounts/accounts.ts'
import { readAccess } from '../services/accounts/key-access.ts'
import { keyView } from '../services/accounts/key-view.ts'
import type { Keys } from '../services/accounts/keys.ts'
import { parseTime } from '../services/suppression/by-hand.ts'
import type { AccountActions, KeyLimitsAsk, KeyRow } from './account-rows.ts'
import type { AdminFault } from './admin.ts'
import { accountNamed, accountNames } from './directory.ts'
import { notFound, storeFault } from './faults.ts'

export interface KeyParts {
  readonly accounts: Accounts
  readonly keys: Keys
  readonly clock: Clock
}

type OfKeys = Pick<AccountActions, `key${string}` & keyof AccountActions>

export function keyActions(parts: KeyParts): OfKeys {
  const { accounts, clock, keys } = parts
  const row = (key: ApiKey, account: string): KeyRow => ({ ...keyView(key, clock.now()), account })
  const rowOf = async (key: ApiKey): Promise<KeyRow> =>
    row(key, (await accountNames(accounts))(key.accountId))
  return {
    ...makingActions(parts, row),
    async keyList({ account }) {
      const found = account === null ? ok(null) : await accountNamed(accounts, account)
      if (!found.ok) return found
      const nameOf = await accountNames(accounts)
      return ok((await keys.list(found.value?.id ?? null)).map((key) => row(key, nameOf(key.accountId))))
    },
    async keyShow({ key }) {
      const found = await keyNamed(keys, key)
      return found.ok ? ok(await rowOf(found.value)) : found
    },
    async keyChange({ key, name, ...ask }) {
      const found = await keyNamed(keys, key)
      if (!found.ok) return found
      const { value } = found
      const account = (await accountNames(accounts))(value.accountId)
      const access = accessOf(ask, { base: value, account, now: clock.now() })
      if (!access.ok) return access
      const change = { name: name ?? value.name, ...access.value }
      const changed = await keys.change(value, change)
      if (!changed.ok) return fault(storeFault(changed.error))
      if (changed.value) return ok(row({ ...value, ...change }, account))
      return fault({ code: 'revoked', message: `${key} is revoked, which nothing undoes` })
    },
    async keyRevoke({ key, queued }) {
      const found = await keyNamed(keys, key)
      if (!found.ok) return found
      const revoked = await keys.revoke(found.value.id, null, queued === 'keep' ? 'leave' : queued)
      if (!revoked.ok) return fault(storeFault(revoked.error))
      return ok({ id: found.value.id, revoked: revoked.value })
    },
  }
}

function makingActions(
  { accounts, clock, keys }: KeyParts,
  row: (key: ApiKey, account: string) => KeyRow,
): Pick<OfKeys, 'keyCreate' | 'keyRotate'> {
  return {
    async keyCreate({ account, mode, name, ...ask }) {
      const found = await accountNamed(accounts, account)
      if (!found.ok) return found
      if (found.value.state === 'deleting')
        return fault(notFound(`account ${account}`, 'mailwok account list'))
      const access = accessOf(ask, { base: FULL_ACCESS, account: found.value.name, now: clock.now() })
      if (!access.ok) return access
      const made = await keys.create({ accountId: found.value.id, name, mode, access: access.value })
      if (!made.ok) return fault(storeFault(made.error))
      return ok({ ...row(made.value.key, found.value.name), key: made.value.secret })
    },
    async keyRotate({ key, overlap }) {
      const found = await keyNamed(keys, key)
      if (!found.ok) return found
      const span = spanIn(overlap)
      if (span === null) return fault(bad('overlap', 'is no duration such as 24h'))
      if (!keys.opens(found.value)) {
        return fault({ code: 'revoked', message: `${key} opens nothing any more; make another one` })
      }
      const rotated = await keys.rotate(found.value, span)
      if (!rotated.ok) return fault(storeFault(rotated.error))
      const account = (await accountNames(accounts))(found.value.accountId)
      return ok({ ...row(rotated.value.key, account), key: rotated.value.secret })
    },
  }
}

interface Given {
  readonly base: KeyAccess
  /** The name of its account. */
  readonly account: string
  readonly now: Milliseconds
}

function accessOf(ask: KeyLimitsAsk, { account, base, now }: Given): Result<KeyAccess, AdminFault> {
  const expiresAt = ask.expires == null ? undefined : endIn(ask.expires, now)
  if (Number.isNaN(expiresAt)) return fault(bad('expires', 'is neither a time nor a duration such as 90d'))
  const { addresses, domains, networks, scopes } = ask
  const draft = {
    scopes: scopes ?? undefined,
    domains: domains ?? undefined,
    addresses: addresses ?? undefined,
    networks: networks ?? undefined,
    expiresAt,
  }
  const access = readAccess(draft, base, now)
  if (!access.ok) return fault(bad(access.error.path, access.error.message))
  if (access.value.scopes.includes('operator') && account !== DEFAULT_ACCOUNT) {
    return fault(bad('scopes', `has operator, which keys of the account ${DEFAULT_ACCOUNT} alone can have`))
  }
  return access
}

const bad = (path: string, message: string): AdminFault => ({
  code: 'invalid_limit',
  message: `${path} ${message}`,
})

/** By id, or by the prefix that lists show where only one key has it. */
export async function keyNamed(keys: Keys, name: string): Promise<Result<ApiKey, AdminFault>> {
  const all = await keys.list(null)
  const found = all.filter((key) => key.id === name || key.prefix === name)
  const [only, another] = found
  if (only && !another) return ok(only)
  if (another) return fault({ code: 'ambiguous', message: `${name} fits ${found.length} keys; give the id` })
  return fault(notFound(`key ${JSON.stringify(name)}`, 'mailwok key list'))
}

const UNITS: Readonly<Record<string, Milliseconds>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

function spanIn(text: string): Milliseconds | null {
  const [, number = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const span = Number(number) * (UNITS[unit] ?? Number.NaN)
  return Number.isNaN(span) ? null : span
}

/** Null: never. */
function endIn(text: string, now: Milliseconds): Milliseconds | null {
  if (text === 'never') return null
  const span = spanIn(text)
  return span === null ? parseTime(text) : now + span
}
