//
// Owns: does a certificate match a host's TLSA records (RFC 6698 §2.1, RFC 7672 §3.1)? Pure.

import { createHash, type X509Certificate } from 'node:crypto'
import type { TlsaRecord } from '../../core/route.ts'
import type { Milliseconds } from '../../core/time.ts'

export type DaneVerdict = 'matched' | 'no-match' | 'wrong-name' | 'expired'

/** More certificates than any real chain has. */
const MAX_CHAIN = 10

export function judgeDane(
  leaf: X509Certificate,
  { names, records, now }: { names: readonly string[]; records: readonly TlsaRecord[]; now: Milliseconds },
): DaneVerdict {
  // §3.1.1: usage 3 speaks of this very certificate or key; its names and its end do not matter.
  if (records.some((record) => record.usage === 3 && matches(leaf, record))) return 'matched'
  const anchors = records.filter(({ usage }) => usage === 2)
  const chain = anchors.length === 0 ? null : chainTo(leaf, anchors)
  if (chain === null) return 'no-match'
  // §3.1.2: with usage 2 names and dates count as ever.
  if (!chain.every((certificate) => isCurrent(certificate, now))) return 'expired'
  return names.some((name) => leaf.checkHost(name, NO_SUBJECT) !== undefined) ? 'matched' : 'wrong-name'
}

/** RFC 8461 §4.1, RFC 6125 §6.4: DNS names only; a wildcard stands for one whole label. */
export const NO_SUBJECT = { subject: 'never', partialWildcards: false } as const

/** From the leaf up to a certificate that a record names, each signed by the next, in whatever order they came. */
function chainTo(leaf: X509Certificate, anchors: readonly TlsaRecord[]): X509Certificate[] | null {
  const presented = presentedWith(leaf)
  const chain = [leaf]
  let below = leaf
  for (;;) {
    const at = presented.findIndex((one) => one.ca && below.checkIssued(one) && below.verify(one.publicKey))
    const [issuer] = at === -1 ? [] : presented.splice(at, 1)
    if (issuer === undefined) return null
    chain.push(issuer)
    if (anchors.some((record) => matches(issuer, record))) return chain
    below = issuer
  }
}

/** What is called the issuer here is what came next: servers send chains out of order (RFC 8446 §4.4.2 bears with it). */
function presentedWith(leaf: X509Certificate): X509Certificate[] {
  const presented: X509Certificate[] = []
  for (let next = leaf.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    if (presented.length === MAX_CHAIN) break
    presented.push(next)
  }
  return presented
}

const isCurrent = (certificate: X509Certificate, now: Milliseconds): boolean =>
  Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo)

function matches(certificate: X509Certificate, { selector, matchingType, data }: TlsaRecord): boolean {
  const selected = selector === 0 ? certificate.raw : publicKeyOf(certificate.raw)
  if (selected === null) return false
  const presented = matchingType === 0 ? selected : hash(matchingType, selected)
  return presented.toString('hex') === data
}

const hash = (matchingType: 1 | 2, bytes: Uint8Array): Buffer =>
  createHash(matchingType === 1 ? 'sha256' : 'sha512')
    .update(bytes)
    .digest()

/**
 * SubjectPublicKeyInfo as it stands in the certificate (RFC 5280 §4.1): the seventh part of the first part, the
 * sixth where the version is left out. What a library exports may be coded otherwise.
 */
function publicKeyOf(certificate: Buffer): Buffer | null {
  const whole = elementAt(certificate, 0)
  const signed = whole && elementAt(certificate, whole.content)
  if (!signed) return null
  let at = signed.content
  const position = certificate[at] === 0xa0 ? 6 : 5
  for (let n = 0; n < position; n++) {
    const part = elementAt(certificate, at)
    if (!part) return null
    at = part.end
  }
  const key = elementAt(certificate, at)
  return key && certificate.subarray(at, key.end)
}

/** DER: tag, length in one octet or in as many as the first one says. */
function elementAt(bytes: Buffer, at: number): { content: number; end: number } | null {
  const first = bytes[at + 1]
  if (first === undefined) return null
  if (first < 0x80) return { content: at + 2, end: at + 2 + first }
  const octets = first & 0x7f
  if (octets === 0 || octets > 3 || at + 2 + octets > bytes.length) return null
  const content = at + 2 + octets
  return { content, end: content + bytes.readUIntBE(at + 2, octets) }
}
