//
// Owns: whether what is published is what we asked for. Reads the DNS through its port, changes nothing.
// Never: takes silence for absence. SERVFAIL and time-outs leave a check as it was.

import type { DomainChecks, StoredDkimKey } from '../../core/account.ts'
import type { Domain } from '../../core/address.ts'
import type { Result } from '../../core/result.ts'
import type { Answer, LookupFault, Resolver } from '../../net/dns/resolver.ts'
import {
  checkOf,
  dkimName,
  dkimValue,
  dmarcName,
  type OwnNames,
  registrableDomain,
  returnPathHost,
  trackingHost,
} from './records.ts'

/** null: nobody could tell. */
export type Sights = { readonly [Check in keyof DomainChecks]: boolean | null }

export async function look(
  resolver: Resolver,
  domain: Domain,
  keys: readonly StoredDkimKey[],
  own: OwnNames,
): Promise<Sights> {
  const bounce = returnPathHost(domain)
  const keyOf = async (check: 'dkimRsa' | 'dkimEd25519'): Promise<boolean | null> => {
    const key = keys.find((each) => checkOf(each.algorithm) === check)
    return key
      ? judge(await resolver.txt(dkimName(key)), (texts) => texts.some((text) => isKey(text, key)))
      : false
  }
  const [dkimRsa, dkimEd25519, returnPathMx, returnPathSpf, dmarc, tracking] = await Promise.all([
    keyOf('dkimRsa'),
    keyOf('dkimEd25519'),
    resolver
      .mx(bounce)
      .then((found) => judge(found, (hosts) => hosts.some((host) => isHost(host.exchange, own.hostname)))),
    resolver.txt(bounce).then((found) => judge(found, (texts) => allowsUs(texts, own.hostname))),
    hasDmarc(resolver, domain),
    resolver
      .cname(trackingHost(domain))
      .then((found) => judge(found, (names) => names.some((name) => isHost(name, own.publicHost)))),
  ])
  return { dkimRsa, dkimEd25519, returnPathMx, returnPathSpf, dmarc, tracking }
}

function judge<T>(
  found: Result<Answer<T>, LookupFault>,
  isRight: (records: readonly T[]) => boolean,
): boolean | null {
  if (found.ok) return isRight(found.value.records)
  return found.error === 'nxdomain' || found.error === 'nodata' ? false : null
}

const isHost = (name: string, host: string): boolean =>
  name.toLowerCase().replace(/\.$/, '') === host.toLowerCase().replace(/\.$/, '')

/** RFC 6376 §3.2: tag=value, separated by semicolons, in any order, with white space anywhere around and in p=. */
function tagsOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(';').map((tag): [string, string] => {
    const equals = tag.indexOf('=')
    return equals === -1 ? ['', ''] : [tag.slice(0, equals).trim(), tag.slice(equals + 1).replace(/\s+/g, '')]
  })
  return new Map(pairs)
}

/** RFC 6376 §3.6.1: v= may be left out, k= is rsa unless said; h= and s= may narrow what the key is for. */
function isKey(text: string, key: StoredDkimKey): boolean {
  const found = tagsOf(text)
  const wanted = tagsOf(dkimValue(key))
  const allows = (tag: string, ...values: readonly string[]): boolean => {
    const list = found.get(tag)
    return list === undefined || list.split(':').some((value) => values.includes(value))
  }
  return (
    (found.get('v') ?? 'DKIM1') === 'DKIM1' &&
    (found.get('k') ?? 'rsa') === wanted.get('k') &&
    found.get('p') === wanted.get('p') &&
    allows('h', 'sha256') &&
    allows('s', '*', 'email')
  )
}

/**
 * RFC 7208 §4.5: exactly one record. It lets us send when it names our host, or the MX of the return path, which
 * is our host as well; addresses and includes are the operator's own words, and are taken at them.
 */
function allowsUs(texts: readonly string[], hostname: string): boolean {
  const records = texts.filter((text) => /^v=spf1(?: |$)/i.test(text))
  const [record] = records
  if (record === undefined || records.length > 1) return false
  return record
    .toLowerCase()
    .split(' ')
    .some((term) => {
      const mechanism = term.replace(/^\+/, '')
      return mechanism === `a:${hostname.toLowerCase()}` || mechanism === 'mx' || OWN_WORDS.test(mechanism)
    })
}

const OWN_WORDS = /^(?:ip4:|ip6:|include:|redirect=)./

/** RFC 7489 §6.6.3: a subdomain without a record of its own is under the one of its registrable domain. */
async function hasDmarc(resolver: Resolver, domain: Domain): Promise<boolean | null> {
  const names = new Set([domain, registrableDomain(domain) ?? domain])
  const found = await Promise.all([...names].map((name) => resolver.txt(dmarcName(name))))
  const seen = found.map((each) =>
    judge(each, (texts) => texts.some((text) => /^v=DMARC1\s*(?:;|$)/.test(text))),
  )
  return seen.includes(true) ? true : seen.includes(null) ? null : false
}
