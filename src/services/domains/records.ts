//
// Owns: which DNS records a sending domain needs, in the words of people who have to publish them. Pure.
// Never: an SPF record for the domain itself. It has one as a rule, and two break both (RFC 7208 §4.5);
// SPF is asked of the reverse-path alone, which is ours: bounce.<domain>.

import { getDomain, getPublicSuffix } from 'tldts'
import type { DkimAlgorithm, DomainChecks, SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'

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
  readonly check: keyof DomainChecks | 'dkimNext' | 'dkimRetired'
}

/** Where the records point. */
export interface OwnNames {
  /** HELO name: takes bounces, and its addresses send. */
  readonly hostname: string
  /** Host of links in mail. */
  readonly publicHost: string
  /** A zone that is served from here, to which keys are published by CNAME; absent or empty: there is none. */
  readonly dkimZone?: string
}

const KEY_TYPES: Readonly<Record<DkimAlgorithm, string>> = {
  'rsa-sha256': 'rsa',
  'ed25519-sha256': 'ed25519',
}
const MAX_STRING_OCTETS = 255
const MX_PREFERENCE = 10

export const returnPathHost = (domain: Domain): string => `bounce.${domain}`
export const trackingHost = (domain: Domain): string => `track.${domain}`
export const trackingHostOf = ({
  name,
  trackingHost: own,
}: Pick<SendingDomain, 'name' | 'trackingHost'>): string => own ?? trackingHost(name)
export const dmarcName = (domain: string): string => `_dmarc.${domain}`
export const dkimName = (key: Pick<StoredDkimKey, 'domain' | 'selector'>): string =>
  `${key.selector}._domainkey.${key.domain}`

/** Where the CNAME of a key leads: the names there are ours to change. */
export const dkimTarget = (key: Pick<StoredDkimKey, 'domain' | 'selector'>, zone: string): string =>
  `${key.selector}.${key.domain}.${zone}`

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
  { name: domain, trackingHost: ownTrackingHost }: Pick<SendingDomain, 'name' | 'trackingHost'>,
  keys: readonly StoredDkimKey[],
  own: OwnNames,
  seen: DomainChecks | null,
): readonly DnsRecord[] {
  const zone = registrableDomain(domain) ?? domain
  const drafts = [
    ...[...keys].sort(byTurn).map((key) => keyDraft(key, own, seen)),
    ...pathDrafts(domain, own),
    {
      type: 'CNAME' as const,
      name: ownTrackingHost ?? trackingHost(domain),
      value: own.publicHost,
      purpose: 'Optional: links for opens, clicks and unsubscribing under your own name',
      check: 'tracking' as const,
    },
  ]
  return drafts.map((draft) => finished(draft, zone, seen))
}

function pathDrafts(domain: Domain, own: OwnNames): readonly Draft[] {
  const bounce = returnPathHost(domain)
  return [
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
      // Below the domain itself: an address elsewhere would need its host's consent in DNS (RFC 9990).
      value: `v=DMARC1; p=none; rua=mailto:dmarc@${bounce}`,
      purpose: `DMARC: only if ${domain} has no DMARC record yet; keep one that is there`,
      check: 'dmarc',
    },
  ]
}

const TURNS = ['active', 'next', 'retired'] as const

const byTurn = (one: StoredDkimKey, other: StoredDkimKey): number =>
  TURNS.indexOf(one.state) - TURNS.indexOf(other.state) ||
  other.algorithm.localeCompare(one.algorithm) ||
  one.selector.localeCompare(other.selector)

function keyDraft(key: StoredDkimKey, { dkimZone = '' }: OwnNames, seen: DomainChecks | null): Draft {
  const type = KEY_TYPES[key.algorithm]
  const record =
    dkimZone === ''
      ? ({ type: 'TXT', value: dkimValue(key) } as const)
      : ({ type: 'CNAME', value: dkimTarget(key, dkimZone) } as const)
  return { ...record, name: dkimName(key), ...ofTurn(key, type, seen) }
}

function ofTurn(
  key: StoredDkimKey,
  type: string,
  seen: DomainChecks | null,
): Omit<Draft, 'type' | 'name' | 'value'> {
  const isSeen = seen === null ? null : key.seenLooks > 0
  switch (key.state) {
    case 'active':
      return {
        purpose: `DKIM: proves that mail of ${key.domain} was signed here (${type})`,
        check: checkOf(key.algorithm),
      }
    case 'next':
      return {
        purpose: `DKIM: the next key, so that keys can be changed without waiting for anybody (${type})`,
        check: 'dkimNext',
        present: isSeen,
      }
    case 'retired':
      return {
        purpose: `DKIM: the key before; its record may go after ${goneAfter(key)} (${type})`,
        check: 'dkimRetired',
        present: isSeen,
      }
    default:
      return key.state satisfies never
  }
}

/** Signatures are good for seven days (x=), and a day is for clocks and time zones. */
export const RETIRED_FOR: Milliseconds = 8 * DAY

/** The day until which the record of a key should stay that signs no more from `at` on. */
export const dayAfter = (at: Milliseconds): string => new Date(at + RETIRED_FOR).toISOString().slice(0, 10)

export const goneAfter = ({ createdAt, retiredAt }: Pick<StoredDkimKey, 'createdAt' | 'retiredAt'>): string =>
  dayAfter(retiredAt ?? createdAt)

type Draft = Pick<DnsRecord, 'type' | 'name' | 'value' | 'purpose' | 'check'> & {
  /** For what has no check of its own. */
  readonly present?: boolean | null
}

const finished = (draft: Draft, zone: string, seen: DomainChecks | null): DnsRecord => ({
  type: draft.type,
  name: draft.name,
  relativeName: draft.name === zone ? '@' : draft.name.slice(0, -zone.length - 1),
  value: draft.value,
  strings: draft.type === 'TXT' ? stringsOf(draft.value) : [],
  purpose: draft.purpose,
  required: REQUIRED.some((check) => check === draft.check),
  present:
    draft.check === 'dkimNext' || draft.check === 'dkimRetired'
      ? (draft.present ?? null)
      : (seen?.[draft.check] ?? null),
  check: draft.check,
})

export function stringsOf(value: string): readonly string[] {
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
