import type { Milliseconds } from './time.ts'

/** A destination known by its MX hosts, not by the recipient's domain: the roll-up that shares a lane. */
export type Provider = string

export interface MxHost {
  /** Lower-case A-labels, no final dot; the TLS server name. */
  readonly exchange: string
  readonly preference: number
  /** In the order in which they are to be tried. Literal IPv4 or IPv6. */
  readonly addresses: readonly string[]
}

/** Encryption wanted for one destination, and who wanted it. */
export type TlsPolicy =
  | { readonly kind: 'opportunistic' }
  | { readonly kind: 'required'; readonly why: string }
  | { readonly kind: 'verified'; readonly why: string }

/** The way to one recipient domain (RFC 5321 §5.1, RFC 7505), or why there is none. */
export type Route =
  | {
      readonly kind: 'mx' | 'implicit-mx'
      readonly domain: string
      readonly provider: Provider
      /** Sorted by preference, equals shuffled; at most five. */
      readonly hosts: readonly MxHost[]
      readonly port: number
      readonly tls: TlsPolicy
      readonly validUntil: Milliseconds
    }
  | { readonly kind: 'null-mx'; readonly domain: string; readonly validUntil: Milliseconds }
  | {
      readonly kind: 'unresolved'
      readonly domain: string
      readonly answer: DnsAnswer
      readonly validUntil: Milliseconds
    }

/** `nxdomain` and `no-address` come from an authoritative answer; the others mean that nobody knows yet. */
export type DnsAnswer = 'nxdomain' | 'no-address' | 'servfail' | 'timeout' | 'own-address' | 'private-address'
