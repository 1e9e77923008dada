//
// Owns: what a URL of somebody else's choice may mean to us (T9): scheme, host, port, and which addresses. Pure.
//
// The WHATWG parser has already made one of all spellings: http://2130706433, http://0x7f.1 and http://127.1 have the
// host 127.0.0.1 here, and [::ffff:127.0.0.1] stays IPv6, which reach.ts calls `never`.

import { fault, ok, type Result } from '../../core/result.ts'
import { reachOf } from './reach.ts'

export interface Aim {
  readonly secure: boolean
  /** A lower-case name or a literal address without brackets. */
  readonly host: string
  readonly port: number
  /** Path and query. */
  readonly path: string
  /** As `Host` says it: with brackets, and with the port unless it is the scheme's own. */
  readonly authority: string
}

/** A service of our own side that may be reached by this host and port though its address is inside. */
export interface AllowedPlace {
  readonly host: string
  readonly port: number
}

export interface ReachRules {
  readonly allow: readonly AllowedPlace[]
  /** True only in labs. */
  readonly allowPrivate: boolean
}

/** Longer ones are no address of a service but an attempt at something. */
const MAX_URL_OCTETS = 4096
/** A name with more is asked at its first ones only: each may cost a time-out. */
export const MAX_ADDRESSES = 4

export function aimOf(url: string): Result<Aim, string> {
  if (url.length > MAX_URL_OCTETS) return fault(`the URL has more than ${MAX_URL_OCTETS} characters`)
  const parsed = URL.parse(url)
  if (parsed === null) return fault('it is no URL')
  const secure = parsed.protocol === 'https:'
  if (!secure && parsed.protocol !== 'http:') return fault('only http and https are spoken')
  // Credentials in a URL end up in logs; whoever needs them has headers.
  if (parsed.username !== '' || parsed.password !== '') return fault('the URL holds a user name or password')
  const host = parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === '') return fault('the URL names no host')
  const port = parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port)
  return ok({ secure, host, port, path: parsed.pathname + parsed.search, authority: parsed.host })
}

/** The literal itself, or loopback for names that mean it (RFC 6761 §6.3); null: the DNS is to be asked. */
export function knownAddresses(host: string): readonly string[] | null {
  if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1']
  // Only literals hold a colon or are four numbers, once the parser is through with them.
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host) ? [host] : null
}

/**
 * Those that may be connected to. One forbidden address forbids all: a name that leads both outside and inside is a trap
 * that waits for the right dice.
 */
export function allowedAddresses(
  { host, port }: Aim,
  addresses: readonly string[],
  { allow, allowPrivate }: ReachRules,
): Result<readonly string[], string> {
  const isOurs = allowPrivate || allow.some((place) => place.host === host && place.port === port)
  for (const address of addresses) {
    const reach = reachOf(address)
    if (reach === 'public' || (reach === 'inside' && isOurs)) continue
    return fault(`${host} leads to ${address}, which is not on the internet`)
  }
  return ok(addresses.slice(0, MAX_ADDRESSES))
}
