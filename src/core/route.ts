import type { Milliseconds } from './time.ts'

/** A destination known by its MX hosts, not by the recipient's domain: the roll-up that shares a lane. */
export type Provider = string

export interface MxHost {
  /** Lower-case A-labels, no final dot; the TLS server name. */
  readonly exchange: string
  readonly preference: number
  /** In the order in which they are to be tried. Literal IPv4 or IPv6. */
  readonly addresses: readonly string[]
  /**
   * DANE (RFC 7672): absent when the host has no TLSA records in a signed zone; an empty list when it has some and none
   * is usable, which demands encryption without proof (§2.2). With records the certificate must match one of them.
   */
  readonly tlsa?: readonly TlsaRecord[]
  /** Where those records are, if not at `exchange`: the name that `exchange` is an alias of (RFC 7672 §2.2.2). */
  readonly tlsaBase?: string
  /** That this is a host of the domain is proven, by DNSSEC or by its MTA-STS policy (RFC 8689 §4.2.1). */
  readonly nameProven?: true
}

/** RFC 6698 §2.1. Only usages 2 (DANE-TA) and 3 (DANE-EE) come here (RFC 7672 §3.1.3). */
export interface TlsaRecord {
  readonly usage: 2 | 3
  readonly selector: 0 | 1
  readonly matchingType: 0 | 1 | 2
  /** Lower-case hex. */
  readonly data: string
}

/** Encryption wanted for one destination, and who wanted it. DANE of a host (`MxHost.tlsa`) goes before it. */
export type TlsPolicy =
  | { readonly kind: 'none'; readonly why: string }
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
      /** What TLS-RPT reports about (RFC 8460 §4.2); absent when there is nothing to compare with. */
      readonly reported?: ReportedPolicy
      readonly validUntil: Milliseconds
    }
  | { readonly kind: 'null-mx'; readonly domain: string; readonly validUntil: Milliseconds }
  | {
      readonly kind: 'unresolved'
      readonly domain: string
      readonly answer: DnsAnswer
      readonly validUntil: Milliseconds
    }

/** Null while the way is not known, or where there is none. */
export const providerOf = (route: Route | null): Provider | null =>
  route !== null && 'provider' in route ? route.provider : null

/** RFC 8460 §4.4 `policy`. */
export interface ReportedPolicy {
  readonly type: 'tlsa' | 'sts' | 'no-policy-found'
  /** The lines of the policy as published. */
  readonly strings: readonly string[]
  readonly mxHosts: readonly string[]
}

/** `nxdomain` and `no-address` come from an authoritative answer; the others mean that nobody knows yet. */
export type DnsAnswer =
  | 'nxdomain'
  | 'no-address'
  | 'servfail'
  | 'timeout'
  | 'own-address'
  | 'private-address'
  | 'sts-no-match'
  | 'dnssec-bogus'
