//
// Owns: what a key may do: the closed list of scopes, and which of two keys may do more. Pure.
// Never: networks as numbers (services/accounts/networks.ts) or which request wants what (edge/api/scopes.ts).

import { type Domain, domainOf, type Mailbox } from './address.ts'
import type { Milliseconds } from './time.ts'

/** Documented in docs/accounts.md; a test holds the page to this list. */
export const SCOPES = [
  /** Everything of its account. Never the other accounts: that is `operator`. */
  'all',
  'email:send',
  'email:read',
  'events:read',
  'stats:read',
  'templates',
  'domains',
  'suppressions',
  'webhooks',
  'inbound',
  'keys',
  'account',
  'users',
  'audit',
  /** All accounts. Given on the machine alone, to keys of the default account. */
  'operator',
] as const

export type Scope = (typeof SCOPES)[number]

export interface KeyAccess {
  readonly scopes: readonly Scope[]
  /** As which domains, and what is below them, it may write; with no address either: as every one of its account. */
  readonly domains: readonly Domain[]
  /** As which From addresses, beside those domains. */
  readonly addresses: readonly Mailbox[]
  /** From where it may be used, as CIDR; empty: from everywhere. */
  readonly networks: readonly string[]
  /** Null: never. */
  readonly expiresAt: Milliseconds | null
}

/** As which authors somebody may write. */
export type Authorship = Pick<KeyAccess, 'domains' | 'addresses'>

export const FULL_ACCESS: KeyAccess = {
  scopes: ['all'],
  domains: [],
  addresses: [],
  networks: [],
  expiresAt: null,
}

export const holds = ({ scopes }: Pick<KeyAccess, 'scopes'>, wanted: Scope): boolean =>
  scopes.includes(wanted) || (wanted !== 'operator' && scopes.includes('all'))

export const mayWriteAs = ({ addresses, domains }: Authorship, author: Mailbox): boolean =>
  (domains.length === 0 && addresses.length === 0) ||
  domains.some((domain) => isWithin(domainOf(author), domain)) ||
  addresses.some((address) => isSame(address, author))

/** What `wanted` has beyond `own`, in the words of the API; empty: nothing. Networks are compared elsewhere. */
export function authorsBeyond(wanted: Authorship, own: Authorship): readonly string[] {
  if (own.domains.length === 0 && own.addresses.length === 0) return []
  if (wanted.domains.length === 0 && wanted.addresses.length === 0) return ['every domain of the account']
  const domains = wanted.domains.filter((domain) => !own.domains.some((one) => isWithin(domain, one)))
  return [...domains, ...wanted.addresses.filter((address) => !mayWriteAs(own, address))]
}

/** Nobody uses local parts that differ in case alone for two people; who limits a key means the person. */
const isSame = (one: Mailbox, other: Mailbox): boolean => one.toLowerCase() === other.toLowerCase()

const isWithin = (domain: Domain, parent: Domain): boolean =>
  domain === parent || domain.endsWith(`.${parent}`)
