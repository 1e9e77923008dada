//
// Owns: what somebody asks for a key, read: scopes, domains, addresses, networks, expiry; and that no key is given
// more than the key that asks for it has itself. Pure.

import { authorsBeyond, holds, type KeyAccess, SCOPES, type Scope } from '../../core/access.ts'
import type { KeyMode } from '../../core/account.ts'
import { type Domain, type Mailbox, parseDomain, parseMailbox } from '../../core/address.ts'
import { nearest } from '../../core/nearest.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import { networkIn, networksBeyond } from './networks.ts'

export interface AccessDraft {
  readonly scopes?: readonly string[] | undefined
  readonly domains?: readonly string[] | undefined
  readonly addresses?: readonly string[] | undefined
  readonly networks?: readonly string[] | undefined
  /** Null: never. */
  readonly expiresAt?: Milliseconds | null | undefined
}

/** The words of the API; `beyond`: more than the asking key has. */
export interface AccessFault {
  readonly kind: 'invalid' | 'beyond'
  readonly path: string
  readonly message: string
}

/** Who asks: a key, or null for the operator at the machine. */
export interface Asking extends KeyAccess {
  readonly mode: KeyMode
}

/** So many of each kind: a key is read whole for each request that misses the cache. */
const MOST = 100

/** What is absent stays as `base` has it. */
export function readAccess(
  draft: AccessDraft,
  base: KeyAccess,
  now: Milliseconds,
): Result<KeyAccess, AccessFault> {
  const scopes = list(draft.scopes, 'scopes', base.scopes, scopeIn)
  if (!scopes.ok) return scopes
  if (scopes.value.length === 0) return invalid('scopes', 'is empty: such a key opens nothing')
  const domains = list<Domain>(draft.domains, 'domains', base.domains, domainIn)
  if (!domains.ok) return domains
  const addresses = list<Mailbox>(draft.addresses, 'addresses', base.addresses, addressIn)
  if (!addresses.ok) return addresses
  const networks = list(draft.networks, 'networks', base.networks, cidrIn)
  if (!networks.ok) return networks
  const { expiresAt = base.expiresAt } = draft
  if (draft.expiresAt !== undefined && expiresAt !== null && expiresAt <= now) {
    return invalid('expires_at', 'lies in the past; to end a key at once, revoke it')
  }
  return ok({
    scopes: scopes.value,
    domains: domains.value,
    addresses: addresses.value,
    networks: networks.value,
    expiresAt,
  })
}

/** Null: the asking key has all of that itself. */
export function beyond(wanted: Asking, own: Asking): AccessFault | null {
  const scopes = wanted.scopes.filter((scope) => !covers(own, scope))
  if (scopes.length > 0) return more('scopes', scopes)
  const authors = authorsBeyond(wanted, own)
  if (authors.length > 0) return more(wanted.domains.length > 0 ? 'domains' : 'addresses', authors)
  const networks = networksBeyond(wanted.networks, own.networks)
  if (networks.length > 0) return more('networks', networks)
  if (own.mode === 'test' && wanted.mode === 'live') return more('mode', ['live'])
  const isLonger = own.expiresAt !== null && (wanted.expiresAt === null || wanted.expiresAt > own.expiresAt)
  return isLonger
    ? { kind: 'beyond', path: 'expires_at', message: 'is later than that of the key that asks' }
    : null
}

const covers = (own: KeyAccess, scope: Scope): boolean =>
  scope === 'all' ? own.scopes.includes('all') : holds(own, scope)

const more = (path: string, what: readonly string[]): AccessFault => ({
  kind: 'beyond',
  path,
  message: `is more than the key that asks has itself: ${what.slice(0, 5).join(', ')}`,
})

const invalid = (path: string, message: string): Result<never, AccessFault> =>
  fault({ kind: 'invalid', path, message })

/** One of a list, or what is wrong with it. */
type Read<T> = (text: string) => Result<T, string>

function list<T extends string>(
  texts: readonly string[] | undefined,
  name: string,
  base: readonly T[],
  read: Read<T>,
): Result<readonly T[], AccessFault> {
  if (texts === undefined) return ok(base)
  if (texts.length > MOST) return invalid(name, `has ${texts.length} entries; at most ${MOST} are kept`)
  const values: T[] = []
  for (const [at, text] of texts.entries()) {
    const value = read(text)
    if (!value.ok) return invalid(`${name}[${at}]`, value.error)
    if (!values.includes(value.value)) values.push(value.value)
  }
  return ok(values)
}

const scopeIn: Read<Scope> = (text) => {
  const scope = SCOPES.find((one) => one === text)
  if (scope) return ok(scope)
  const near = nearest(text, SCOPES)
  return fault(near ? `is no scope; did you mean ${near}?` : `is none of ${SCOPES.join(', ')}`)
}

const domainIn: Read<Domain> = (text) => {
  const domain = parseDomain(text)
  return domain.ok ? ok(domain.value) : fault('is no domain such as example.com')
}

const addressIn: Read<Mailbox> = (text) => {
  const mailbox = parseMailbox(text)
  return mailbox.ok ? ok(mailbox.value) : fault('is no address such as shop@example.com')
}

const cidrIn: Read<string> = (text) => {
  const network = networkIn(text)
  return network === null ? fault('is no network such as 192.0.2.0/24 or 2001:db8::/32') : ok(network)
}
