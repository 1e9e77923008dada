//
// Owns: finding and reading the DMARC policy of a domain by the tree walk (RFC 9989 §4.10), as receivers do.
// Never: what it means for our mail (check-dmarc.ts).

import { type Asking, recordsIn, tagsOf } from './asking.ts'
import { dmarcName } from './records.ts'

/** §4.10: of longer names the walk goes on with the last seven labels, so that it takes eight questions at most. */
const MOST_LABELS = 8
const LABELS_BEHIND = 7

export type DmarcPolicy = 'none' | 'quarantine' | 'reject'

export interface DmarcRecord {
  /** Whose `_dmarc` it is. */
  readonly domain: string
  readonly text: string
  readonly tags: ReadonlyMap<string, string>
}

export interface DmarcWalk {
  /** The record that governs; null: there is none. */
  readonly record: DmarcRecord | null
  /** Names with alignment within it are one organization. */
  readonly organization: string
  /** A name server did not answer. */
  readonly incomplete: boolean
  /** Several records at a name: receivers pass over all of them. */
  readonly several: readonly string[]
  /** TXT records at `_dmarc.<domain>` that are no DMARC records. */
  readonly strange: readonly string[]
}

export async function walkDmarc(ask: Asking, domain: string): Promise<DmarcWalk> {
  const seen: DmarcRecord[] = []
  const several: string[] = []
  let strange: readonly string[] = []
  let incomplete = false
  for (const name of namesOf(domain)) {
    const texts = recordsIn(await ask.txt(dmarcName(name)))
    if (texts === null) {
      incomplete = true
      continue
    }
    const records = texts.filter(isDmarc)
    if (name === domain) strange = texts.filter((text) => !isDmarc(text))
    if (records.length > 1) several.push(name)
    const [text] = records
    if (text === undefined || records.length > 1) continue
    const tags = tagsOf(text)
    seen.push({ domain: name, text, tags })
    // It says of itself that it is the top (n), or that the one below is (y).
    if (tags.get('psd')?.toLowerCase() === 'n' || (tags.get('psd')?.toLowerCase() === 'y' && name !== domain))
      break
  }
  const organization = organizationOf(domain, seen)
  const own = seen.find((record) => record.domain === domain)
  const above = seen.find((record) => record.domain === organization)
  const suffix = seen.find((record) => record.tags.get('psd')?.toLowerCase() === 'y')
  return { record: own ?? above ?? suffix ?? null, organization, incomplete, several, strange }
}

/** §4.10.2. */
function organizationOf(domain: string, seen: readonly DmarcRecord[]): string {
  for (const { domain: name, tags } of seen) {
    const psd = tags.get('psd')?.toLowerCase()
    if (psd === 'n') return name
    if (psd === 'y' && name !== domain) return belowOf(domain, name)
  }
  return seen[seen.length - 1]?.domain ?? domain
}

/** The name one label longer than `top` on the way to `domain`. */
function belowOf(domain: string, top: string): string {
  const labels = domain.split('.')
  return labels.slice(-(top.split('.').length + 1)).join('.')
}

/** The domain, then the names above it, up to the last label. */
function namesOf(domain: string): readonly string[] {
  const labels = domain.split('.')
  const first = labels.length > MOST_LABELS ? labels.slice(-LABELS_BEHIND) : labels.slice(1)
  return [domain, ...first.map((_, at) => first.slice(at).join('.'))]
}

const isDmarc = (text: string): boolean => /^v\s*=\s*DMARC1\s*(?:;|$)/.test(text)

/**
 * p= of the domain itself; sp= of what is below the name of the record, else p=. np= is for names that do not exist: a
 * sending domain has records below it, and so does. Unknown words count as none.
 */
export function policyOf({ domain, tags }: DmarcRecord, of: string): DmarcPolicy {
  const word = (of === domain ? undefined : tags.get('sp')) ?? tags.get('p') ?? 'none'
  const policy = word.toLowerCase()
  return policy === 'reject' || policy === 'quarantine' ? policy : 'none'
}

export const isTesting = ({ tags }: DmarcRecord): boolean => tags.get('t')?.toLowerCase() === 'y'

export interface ReportTarget {
  readonly uri: string
  /** Null: it is no mailto: of an address. */
  readonly host: string | null
}

export const reportTargets = ({ tags }: DmarcRecord): readonly ReportTarget[] =>
  (tags.get('rua') ?? '')
    .split(',')
    .map((uri) => uri.trim())
    .filter((uri) => uri !== '')
    .map((uri) => ({
      uri,
      host: /^mailto:[^@\s,!]+@([^@\s,!]+)(?:!\d+[kmgt]?)?$/i.exec(uri)?.[1]?.toLowerCase() ?? null,
    }))
