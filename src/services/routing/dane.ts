//
// Owns: what TLSA answers mean for an MX host (RFC 7672, RFC 7671). Pure.
// Never: checks a certificate; net/smtp does, against the records that come out here.

import type { TlsaRecord } from '../../core/route.ts'
import type { LookupFault, TlsaData } from '../../net/dns/resolver.ts'
import type { Found } from './mx.ts'

/** What is known of one host. */
export type DaneFinding =
  /** Nothing is published, or nothing that is signed: other policies decide. */
  | { readonly kind: 'none' }
  /** An empty list demands encryption without proof: what is published cannot be used (RFC 7672 §2.2). */
  | {
      readonly kind: 'records'
      /** Whose they are (RFC 7672 §2.2.3). */
      readonly base: string
      readonly records: readonly TlsaRecord[]
      readonly ttl: number
    }
  /** Whether there are any cannot be found out: going on would be what an attacker wants (§2.1.2, T4). */
  | { readonly kind: 'unknown'; readonly answer: 'dnssec-bogus' | 'timeout' }

/** RFC 7672 §2.2.3: the port is the one that is connected to. */
export const tlsaName = (base: string, port: number): string => `_${port}._tcp.${base}`

/** Names at which a host's TLSA records may be, the first that has some counts; or a question to be asked before. */
export type TlsaBases = readonly string[] | 'if-alias-is-signed'

/**
 * RFC 7672 §2.2.1: a host's name and addresses must come by signed answers before its TLSA records mean anything. Where
 * the domain is its own host there is no MX answer to be signed, and its address answer speaks for the zone. §2.2.2: an
 * alias has them where it leads to, else where it stands; one that leads out of the signed zones only where it stands,
 * and only if it is signed itself.
 */
export function tlsaBases(
  mx: Found<unknown>,
  exchange: string,
  addresses: Found<unknown> | undefined,
): TlsaBases {
  if (!addresses?.ok || (mx.ok && !mx.value.authentic)) return []
  const { authentic, owner } = addresses.value
  if (authentic) return owner === undefined ? [exchange] : [owner, exchange]
  return owner === undefined ? [] : 'if-alias-is-signed'
}

export function daneOf(base: string, answer: Found<TlsaData>): DaneFinding {
  if (!answer.ok) return withoutAnswer(answer.error)
  const { records, ttl, authentic } = answer.value
  if (!authentic) return NO_DANE
  return { kind: 'records', base, records: strongest(records.flatMap(usable)), ttl }
}

export const NO_DANE: DaneFinding = { kind: 'none' }

function withoutAnswer(fault: LookupFault): DaneFinding {
  switch (fault) {
    case 'nxdomain':
    case 'nodata':
      return NO_DANE
    // A validating resolver says SERVFAIL to what does not validate (RFC 4035 §5.5): it cannot be told from an outage.
    case 'servfail':
      return { kind: 'unknown', answer: 'dnssec-bogus' }
    case 'timeout':
      return { kind: 'unknown', answer: 'timeout' }
    default:
      return fault satisfies never
  }
}

/** Hex digits of a digest, by matching type; 0 is the whole certificate or key. */
const DIGEST_DIGITS = { 1: 64, 2: 128 } as const

/** RFC 7672 §3.1.3: usages 0 and 1 name authorities of the web, which mean nothing between mail servers. */
function usable({ usage, selector, matchingType, data }: TlsaData): readonly TlsaRecord[] {
  if (usage !== 2 && usage !== 3) return []
  if (selector !== 0 && selector !== 1) return []
  if (matchingType !== 0 && matchingType !== 1 && matchingType !== 2) return []
  const fits = matchingType === 0 ? data.length > 0 : data.length === DIGEST_DIGITS[matchingType]
  return fits ? [{ usage, selector, matchingType, data }] : []
}

/** RFC 7671 §9: where both digests are published for a usage and selector, only the stronger one counts. */
function strongest(records: readonly TlsaRecord[]): readonly TlsaRecord[] {
  const alike = (one: TlsaRecord, other: TlsaRecord): boolean =>
    one.usage === other.usage && one.selector === other.selector
  return records.filter(
    (record) =>
      record.matchingType !== 1 || !records.some((other) => other.matchingType === 2 && alike(record, other)),
  )
}
