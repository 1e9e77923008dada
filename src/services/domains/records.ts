//
// Owns: which DNS records a sending domain needs, in the words of people who have to publish them. Pure.
// Never: an SPF record for the domain itself. It has one as a rule, and two break both (RFC 7208 §4.5);
// SPF is asked of the reverse-path alone, which is ours: bounce.<domain>.

import { getDomain, getPublicSuffix } from 'tldts'
import type { DkimAlgorithm, DomainChecks, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'

export interface DnsRecord {
  readonly type: 'MX' | 'TXT' | 'CNAME'
  /** In full, without final dot. */
  readonly name: string
  /** As the forms of DNS hosts ask for it: without the zone's own name; `@` is the zone itself. */
  readonly relativeName: string
  readonly value: string
  /** The value of a TXT record in strings of at most 255 octets (RFC 1035 §3.3), as zone files want it. */
  readonly strings: readonly string[]
  readonly purpose: string
  /** Without the required ones the domain is not verified. */
  readonly required: boolean
  /** At the last look; null when nobody has looked. */
  readonly present: boolean | null
  readonly check: keyof DomainChecks
}

/** Where the records point. */
export interface OwnNames {
  /** HELO name: takes bounces, and its addresses send. */
  readonly hostname: string
  /** Host of links in mail. */
  readonly publicHost: string
}

export const SELECTORS: Readonly<Record<DkimAlgorithm, string>> = {
  'rsa-sha256': 'mw1r',
  'ed25519-sha256': 'mw1e',
}

const KEY_TYPES: Readonly<Record<DkimAlgorithm, string>> = {
  'rsa-sha256': 'rsa',
  'ed25519-sha256': 'ed25519',
}
const MAX_STRING_OCTETS = 255
const MX_PREFERENCE = 10

export const returnPathHost = (domain: Domain): string => `bounce.${domain}`
export const trackingHost = (domain: Domain): string => `track.${domain}`
export const dmarcName = (domain: string): string => `_dmarc.${domain}`
export const dkimName = (key: Pick<StoredDkimKey, 'domain' | 'selector'>): string =>
  `${key.selector}._domainkey.${key.domain}`

/** RFC 6376 §3.6.1. */
export const dkimValue = (key: Pick<StoredDkimKey, 'algorithm' | 'publicKey'>): string =>
  `v=DKIM1; k=${KEY_TYPES[key.algorithm]}; p=${key.publicKey}`

const PRIVATE_TOO = { allowPrivateDomains: true } as const

/** The domain somebody can register; null for what belongs to everybody, such as `co.uk` or `github.io`. */
export const registrableDomain = (domain: string): string | null => getDomain(domain, PRIVATE_TOO)

export const isPublicSuffix = (domain: string): boolean => getPublicSuffix(domain, PRIVATE_TOO) === domain

/** The checks of a domain at which nobody has looked. */
export const NOTHING_SEEN: DomainChecks = {
  dkimRsa: false,
  dkimEd25519: false,
  returnPathMx: false,
  returnPathSpf: false,
  dmarc: false,
  tracking: false,
}

const REQUIRED: readonly (keyof DomainChecks)[] = ['dkimRsa', 'dkimEd25519', 'returnPathMx', 'returnPathSpf']

export const isComplete = (checks: DomainChecks): boolean => REQUIRED.every((check) => checks[check])

export const checkOf = (algorithm: DkimAlgorithm): 'dkimRsa' | 'dkimEd25519' =>
  algorithm === 'rsa-sha256' ? 'dkimRsa' : 'dkimEd25519'

/** `seen` is null before the first look. */
export function recordsFor(
  domain: Domain,
  keys: readonly StoredDkimKey[],
  own: OwnNames,
  seen: DomainChecks | null,
): readonly DnsRecord[] {
  const zone = registrableDomain(domain) ?? domain
  const bounce = returnPathHost(domain)
  const drafts: readonly Draft[] = [
    ...keys.map((key) => ({
      type: 'TXT' as const,
      name: dkimName(key),
      value: dkimValue(key),
      purpose: `DKIM: proves that mail of ${domain} was signed here (${KEY_TYPES[key.algorithm]})`,
      check: checkOf(key.algorithm),
    })),
    {
      type: 'MX',
      name: bounce,
      value: `${MX_PREFERENCE} ${own.hostname}`,
      purpose: 'Return path: bounces come back to this host',
      check: 'returnPathMx',
    },
    {
      type: 'TXT',
      name: bounce,
      value: `v=spf1 a:${own.hostname} -all`,
      purpose: `SPF of the return path only; leave the SPF record of ${domain} as it is`,
      check: 'returnPathSpf',
    },
    {
      type: 'TXT',
      name: dmarcName(domain),
      // Below the domain itself: an address elsewhere would need its host's consent in DNS (RFC 7489 §7.1).
      value: `v=DMARC1; p=none; rua=mailto:dmarc@${bounce}`,
      purpose: `DMARC: only if ${domain} has no DMARC record yet; keep one that is there`,
      check: 'dmarc',
    },
    {
      type: 'CNAME',
      name: trackingHost(domain),
      value: own.publicHost,
      purpose: 'Optional: links for opens, clicks and unsubscribing under your own name',
      check: 'tracking',
    },
  ]
  return drafts.map((draft) => finished(draft, zone, seen))
}

type Draft = Pick<DnsRecord, 'type' | 'name' | 'value' | 'purpose' | 'check'>

const finished = (draft: Draft, zone: string, seen: DomainChecks | null): DnsRecord => ({
  type: draft.type,
  name: draft.name,
  relativeName: draft.name === zone ? '@' : draft.name.slice(0, -zone.length - 1),
  value: draft.value,
  strings: draft.type === 'TXT' ? stringsOf(draft.value) : [],
  purpose: draft.purpose,
  required: REQUIRED.includes(draft.check),
  present: seen === null ? null : seen[draft.check],
  check: draft.check,
})

function stringsOf(value: string): readonly string[] {
  const strings: string[] = []
  for (let at = 0; at < value.length; at += MAX_STRING_OCTETS) {
    strings.push(value.slice(at, at + MAX_STRING_OCTETS))
  }
  return strings
}

/** What is required and was not seen, as people name it: `TXT bounce.example.com`. */
export const missingOf = (records: readonly DnsRecord[]): readonly string[] =>
  records
    .filter((record) => record.required && record.present !== true)
    .map((record) => `${record.type} ${record.name}`)
