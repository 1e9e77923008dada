//
// Owns: the port through which everybody asks the DNS (decision 14).

import type { Result } from '../../core/result.ts'

/** `nxdomain` and `nodata` are answers of an authority; `servfail` and `timeout` are none. */
export type LookupFault = 'nxdomain' | 'nodata' | 'servfail' | 'timeout'

export type Family = 'ipv4' | 'ipv6'

export interface MxRecord {
  readonly preference: number
  /** Lower case, no final dot; "" for the root of a null MX (RFC 7505). */
  readonly exchange: string
}

/** As published (RFC 6698 §2.1): which of them can be used is for the reader to say. */
export interface TlsaData {
  readonly usage: number
  readonly selector: number
  readonly matchingType: number
  /** Lower-case hex. */
  readonly data: string
}

export interface Resolver {
  mx(domain: string): Promise<Result<Answer<MxRecord>, LookupFault>>
  /**
   * A and AAAA together unless `families` says which; fails only when all fail, with the fault that promises more.
   * Who can use one family alone asks for it alone: else AAAA records would hide that A failed for now.
   */
  addresses(host: string, families?: readonly Family[]): Promise<Result<Answer<string>, LookupFault>>
  /** Each record's strings joined (RFC 7208 §3.3). */
  txt(name: string): Promise<Result<Answer<string>, LookupFault>>
  cname(name: string): Promise<Result<Answer<string>, LookupFault>>
  ptr(address: string): Promise<Result<Answer<string>, LookupFault>>
  /** `_25._tcp.mx.example.com` (RFC 7672 §2.2.3). Only an authentic answer may be built upon. */
  tlsa(name: string): Promise<Result<Answer<TlsaData>, LookupFault>>
}

export interface Answer<T> {
  readonly records: readonly T[]
  /** Seconds until it must be asked again. */
  readonly ttl: number
  /** The AD bit of a validating resolver (RFC 4035 §3.2.3), over the whole chain of aliases, from a server whose word counts. */
  readonly authentic: boolean
  /** The name at the end of the aliases that were followed; absent where there were none. */
  readonly owner?: string
}
