//
// Owns: which name servers are asked: those of the configuration, else the system's (resolv.conf(5)). Pure.

import ipaddr from 'ipaddr.js'
import { fault, ok, type Result } from '../../core/result.ts'

export interface Endpoint {
  /** A literal address: a name server cannot be found by name. */
  readonly address: string
  readonly port: number
}

/** Where the system keeps its list. */
export const RESOLV_CONF = '/etc/resolv.conf'
/** More would not be reached within a question's patience; resolv.conf(5) stops at three. */
export const MAX_SERVERS = 3

const DNS_PORT = 53
/** resolv.conf(5): without any nameserver line the local machine is asked. */
const LOCAL: Endpoint = { address: '127.0.0.1', port: DNS_PORT }

/** `1.2.3.4`, `1.2.3.4:53`, `2001:db8::1`, `[2001:db8::1]:53`. The fault says what was wanted. */
export function parseEndpoint(text: string): Result<Endpoint, string> {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text)
  const plain = bracketed ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(text)
  const address = plain?.[1] ?? text
  const port = plain?.[2] === undefined ? DNS_PORT : Number(plain[2])
  if (!isLiteral(address) || port < 1 || port > 65_535) {
    return fault(
      `${JSON.stringify(text)} is no name server; want an address such as "127.0.0.1:53" or "[::1]:53"`,
    )
  }
  return ok({ address, port })
}

/** Lines that cannot be read are passed over, as the system's own resolver does. */
export function parseResolvConf(text: string): readonly Endpoint[] {
  const found: Endpoint[] = []
  for (const line of text.split('\n')) {
    const address = /^nameserver[ \t]+(\S+)/.exec(line)?.[1]
    if (address !== undefined && isLiteral(address)) found.push({ address, port: DNS_PORT })
  }
  return found.length > 0 ? found.slice(0, MAX_SERVERS) : [LOCAL]
}

/** `configured` is `[dns] servers`; `resolvConf` is the text of the system's file, "" if there is none. */
export function chooseServers(
  configured: readonly string[],
  resolvConf: string,
): Result<readonly Endpoint[], string> {
  if (configured.length === 0) return ok(parseResolvConf(resolvConf))
  const endpoints: Endpoint[] = []
  for (const text of configured.slice(0, MAX_SERVERS)) {
    const endpoint = parseEndpoint(text)
    if (!endpoint.ok) return endpoint
    endpoints.push(endpoint.value)
  }
  return ok(endpoints)
}

/** Whose word about signatures counts; `auto` is that of a server on this machine alone. */
export type AdTrust = 'auto' | 'always' | 'never'

/**
 * A stub does not check signatures itself: it is told by the AD bit, which anybody on the path to the server could set
 * (RFC 4035 §4.9.3, RFC 7672 §2.2.1).
 */
export function believesAd({ address }: Endpoint, trust: AdTrust): boolean {
  if (trust !== 'auto') return trust === 'always'
  return ipaddr.process(address).range() === 'loopback'
}

/** All four numbers: the library takes "127.1" and "0x7f000001" for addresses as well. */
const isLiteral = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
