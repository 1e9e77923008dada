//
// Owns: whether our addresses stand on lists of unwanted senders (RFC 5782). Only those that the operator named are
// asked: most want to know who asks, and some refuse to answer large name servers.

import ipaddr from 'ipaddr.js'
import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { fail, fine, unknown } from './say.ts'

export interface ListingFacts {
  readonly address: string
  readonly list: string
  /** 127.0.0.x for each way in which it is listed; empty: not listed; null: no answer. */
  readonly codes: readonly string[] | null
  readonly text: string
}

export async function askList(
  address: string,
  list: string,
  resolver: Pick<Resolver, 'addresses' | 'txt'>,
): Promise<ListingFacts> {
  const name = `${reversed(address)}.${list}`
  const found = await resolver.addresses(name, ['ipv4'])
  if (!found.ok) {
    const isAbsent = found.error === 'nxdomain' || found.error === 'nodata'
    return { address, list, codes: isAbsent ? [] : null, text: '' }
  }
  const text = await resolver.txt(name)
  const [words = ''] = text.ok ? text.value.records : []
  return { address, list, codes: found.value.records, text: words.slice(0, 200) }
}

export function judgeListing({ address, codes, list, text }: ListingFacts): Diagnosis {
  const subject = `${address} at ${list}`
  if (codes === null) {
    return unknown('dnsbl_unchecked', {
      subject,
      why: `${list} gave no answer.`,
      fix: [`dig A ${reversed(address)}.${list}`],
    })
  }
  if (codes.length === 0) return fine('blocklist', subject, 'It is not listed.')
  // RFC 5782 §2.1 has listings within 127/8; 127.255.255.0/24 is how lists say that they do not answer this asker.
  if (!codes.some((code) => code.startsWith('127.') && !code.startsWith('127.255.255.'))) {
    const why = `${list} does not answer this name server (${codes.join(', ')}): it refuses open and large ones.`
    return unknown('dnsbl_unchecked', {
      subject,
      why,
      fix: ['Ask by a name server of your own: apt install unbound, [dns] servers = ["127.0.0.1:53"].'],
    })
  }
  const why = `${address} is listed at ${list} (${codes.join(', ')})${text === '' ? '' : `: ${text}`}. Receivers that ask this list refuse its mail.`
  const fix = [
    'Find out why first: mailwok stats, mailwok sending list, and the last bounces.',
    `Then ask for removal at the list's own page (${text.match(/https?:\/\/\S+/)?.[0] ?? `https://${list.split('.').slice(-2).join('.')}`}).`,
  ]
  return fail('dnsbl_listed', { subject, why, fix })
}

const reversed = (address: string): string => {
  const parsed = ipaddr.process(address)
  const octets = parsed.toByteArray()
  if (parsed.kind() === 'ipv4') return octets.reverse().join('.')
  return octets
    .flatMap((octet) => [octet >> 4, octet & 15])
    .reverse()
    .map((nibble) => nibble.toString(16))
    .join('.')
}
