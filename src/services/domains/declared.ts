//
// Owns: what the configuration declares and the store must hold: accounts, keys and domains made where they are missing.
// Never: deletes, renames or revives. A key that was revoked stays revoked though the file still names it.

import { FULL_ACCESS, SCOPES } from '../../core/access.ts'
import type { Account } from '../../core/account.ts'
import { type Domain, parseDomain } from '../../core/address.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Accounts, DEFAULT_ACCOUNT } from '../accounts/accounts.ts'
import type { Keys } from '../accounts/keys.ts'
import type { Domains } from './domains.ts'

export interface DeclaredKey {
  readonly name: string
  readonly account: string
  readonly secret: string
  /** Empty or absent: all of its account. */
  readonly scopes?: readonly string[]
}

export interface DeclaredDomain {
  readonly name: string
  readonly account: string
  /** Empty or absent: as it was switched by command. */
  readonly trackOpens?: Switch
  readonly trackClicks?: Switch
}

type Switch = '' | 'on' | 'off'

export interface Declared {
  readonly keys: readonly DeclaredKey[]
  readonly domains: readonly DeclaredDomain[]
}

export interface DeclaredParts {
  readonly accounts: Pick<Accounts, 'ensure' | 'ensureDefaultAccount'>
  readonly keys: Pick<Keys, 'ensure'>
  readonly domains: Pick<Domains, 'ensure' | 'switchTracking'>
}

/** Safe to run at each start, on every node at once. Gives the default account; the error is for the operator. */
export async function ensureDeclared(
  parts: DeclaredParts,
  declared: Declared,
): Promise<Result<Account, string>> {
  const account = await parts.accounts.ensureDefaultAccount()
  if (!account.ok) return fault(`the default account cannot be made: the store is ${account.error}`)
  for (const key of declared.keys) {
    const said = await ensureKey(parts, key)
    if (said !== null) return fault(`[[key]] ${key.name}: ${said}`)
  }
  for (const domain of declared.domains) {
    const said = await ensureDomain(parts, domain)
    if (said !== null) return fault(`[[domain]] ${domain.name}: ${said}`)
  }
  return ok(account.value)
}

async function ensureKey(
  parts: DeclaredParts,
  { name, account, scopes = [], secret }: DeclaredKey,
): Promise<string | null> {
  const wanted = SCOPES.filter((scope) => scopes.includes(scope))
  if (wanted.includes('operator') && account !== DEFAULT_ACCOUNT) {
    return `the scope operator is for keys of the account ${DEFAULT_ACCOUNT}`
  }
  const owner = await parts.accounts.ensure(account)
  if (!owner.ok) return `the store is ${owner.error}`
  const access = wanted.length === 0 ? FULL_ACCESS : { ...FULL_ACCESS, scopes: wanted }
  const key = await parts.keys.ensure({ accountId: owner.value.id, name, access }, secret)
  if (!key.ok) {
    return key.error === 'malformed'
      ? 'its secret is no key; want mwk_live_ or mwk_test_ and at least 16 letters and digits'
      : `the store is ${key.error}`
  }
  return key.value.accountId === owner.value.id ? null : `the same secret is a key of another account`
}

async function ensureDomain(parts: DeclaredParts, declared: DeclaredDomain): Promise<string | null> {
  const { name, account } = declared
  const owner = await parts.accounts.ensure(account)
  if (!owner.ok) return `the store is ${owner.error}`
  const domain = parseDomain(name)
  if (!domain.ok) return 'is not a domain'
  const ensured = await parts.domains.ensure(owner.value.id, domain.value)
  if (ensured.ok) return switchTracking(parts, domain.value, declared)
  switch (ensured.error) {
    case 'taken':
      return `belongs to another account than ${account}`
    case 'public-suffix':
      return 'belongs to everybody; want a domain of your own below it'
    default:
      return `the store is ${ensured.error}`
  }
}

async function switchTracking(
  { domains }: DeclaredParts,
  name: Domain,
  { trackOpens, trackClicks }: DeclaredDomain,
): Promise<string | null> {
  if (!trackOpens && !trackClicks) return null
  const switched = await domains.switchTracking(name, { opens: isOn(trackOpens), clicks: isOn(trackClicks) })
  return switched.ok ? null : `its tracking cannot be switched: ${switched.error}`
}

const isOn = (word: Switch | undefined): boolean | undefined => (word ? word === 'on' : undefined)
