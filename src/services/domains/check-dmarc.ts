//
// Owns: what a receiver concludes by DMARC (RFC 9989) for mail of a domain that leaves here: whether signature and return
// path are aligned, which policy governs, and what is wrong with the record.

import type { Domain } from '../../core/address.ts'
import type { Finding } from '../../core/finding.ts'
import { type Asking, recordsIn, shown } from './asking.ts'
import { type DmarcRecord, type DmarcWalk, isTesting, policyOf, reportTargets, walkDmarc } from './dmarc.ts'
import { dmarcName, returnPathHost } from './records.ts'

export interface DmarcFacts {
  /** Our signature verifies: at least one key is published. */
  readonly signed: boolean
  /** The return path is bounce.<domain>, and its SPF lets us send. */
  readonly ownReturnPath: boolean
}

export interface DmarcLook {
  readonly finding: Finding
  readonly walk: DmarcWalk
}

export async function checkDmarc(ask: Asking, domain: Domain, facts: DmarcFacts): Promise<DmarcLook> {
  const walk = await walkDmarc(ask, domain)
  const name = dmarcName(domain)
  const head = { check: 'dmarc', name, type: 'TXT', required: false } as const
  const fix = `Publish at ${name} the TXT record v=DMARC1; p=none; rua=mailto:dmarc@${returnPathHost(domain)}`
  const [doubled] = walk.several
  if (doubled !== undefined) {
    const message = `There are several DMARC records at ${dmarcName(doubled)}; receivers pass over all of them.`
    return { walk, finding: { ...head, state: 'wrong', found: [], message, fix: 'Leave one of them.' } }
  }
  const { record } = walk
  if (record === null) {
    const state = walk.incomplete ? 'unknown' : walk.strange.length > 0 ? 'wrong' : 'missing'
    const found = shown(walk.strange)
    return { walk, finding: { ...head, state, found, message: NO_RECORD[state](name), fix } }
  }
  const found = shown([record.text])
  const wrong = faultIn(record) ?? (await reportFault(ask, record))
  if (wrong !== null) return { walk, finding: { ...head, ...wrong, found } }
  return { walk, finding: { ...head, ...conclusion(walk, record, { domain, facts }), found } }
}

const NO_RECORD = {
  unknown: (name: string) => `Not every name server gave an answer on the way up from ${name}.`,
  wrong: (name: string) => `What stands at ${name} is no DMARC record: one begins with v=DMARC1.`,
  missing: (name: string) =>
    `There is no DMARC record at ${name} or above: large receivers want one of who sends to many.`,
} as const

type Judged = Pick<Finding, 'state' | 'message' | 'fix'>

const POLICIES = ['none', 'quarantine', 'reject']
const WORDS: readonly (readonly [tag: string, words: readonly string[]])[] = [
  ['p', POLICIES],
  ['sp', POLICIES],
  ['np', POLICIES],
  ['adkim', ['r', 's']],
  ['aspf', ['r', 's']],
  ['psd', ['y', 'n', 'u']],
  ['t', ['y', 'n']],
]

function faultIn({ domain, tags }: DmarcRecord): Judged | null {
  const name = dmarcName(domain)
  for (const [tag, words] of WORDS) {
    const value = tags.get(tag)
    if (value === undefined || words.includes(value.toLowerCase())) continue
    const message = `The DMARC record at ${name} says ${tag}=${value.slice(0, 30)}, which receivers do not know.`
    return { state: 'wrong', message, fix: `Write one of ${words.join(', ')} behind ${tag}=.` }
  }
  const bad = reportTargets({ domain, tags, text: '' }).find(({ host }) => host === null)
  if (bad) {
    const message = `The DMARC record at ${name} has a rua= that is no address: ${bad.uri.slice(0, 60)}.`
    return {
      state: 'wrong',
      message,
      fix: 'Write it as rua=mailto:dmarc@example.com, several with commas between.',
    }
  }
  if (!tags.has('p')) {
    const message = `The DMARC record at ${name} has no p=: receivers take it for p=none, older ones for no record.`
    return { state: 'warning', message, fix: 'Add p=none, p=quarantine or p=reject behind v=DMARC1.' }
  }
  return null
}

/** RFC 9990: an address elsewhere gets reports only if its host agrees in DNS. */
async function reportFault(ask: Asking, record: DmarcRecord): Promise<Judged | null> {
  for (const { host } of reportTargets(record).slice(0, 3)) {
    if (host === null || isWithin(host, record.domain) || isWithin(record.domain, host)) continue
    const name = `${record.domain}._report._dmarc.${host}`
    const texts = recordsIn(await ask.txt(name))
    if (texts === null || texts.some((text) => /^v=DMARC1/i.test(text))) continue
    const message = `Reports to ${host} are not sent: it has not agreed to take those of ${record.domain}.`
    return { state: 'warning', message, fix: `Have ${host} publish at ${name} the TXT record v=DMARC1` }
  }
  return null
}

const isWithin = (name: string, top: string): boolean => name === top || name.endsWith(`.${top}`)

interface Ours {
  readonly domain: Domain
  readonly facts: DmarcFacts
}

/**
 * We sign with d= the domain itself, which is aligned strictly and relaxed. The return path is below it: relaxed it is
 * aligned where both are of one organization, strictly it never is.
 */
function conclusion(walk: DmarcWalk, record: DmarcRecord, { domain, facts }: Ours): Judged {
  const strictSpf = record.tags.get('aspf')?.toLowerCase() === 's'
  const ways = [
    ...(facts.signed ? ['DKIM'] : []),
    ...(facts.ownReturnPath && !strictSpf && isWithin(returnPathHost(domain), walk.organization)
      ? ['SPF']
      : []),
  ]
  const policy = policyOf(record, domain)
  const testing = isTesting(record) && policy !== 'none' ? ' and t=y, which asks receivers to be milder' : ''
  const governs = `The policy is ${policy}${testing}, by the record at ${dmarcName(record.domain)}.`
  if (ways.length === 0) {
    const fate = policy === 'none' ? 'fails DMARC' : `fails DMARC and is ${FATE[policy]}`
    const message = `Mail of ${domain} that leaves here ${fate}: nothing is aligned yet. ${governs}`
    return { state: 'warning', message, fix: 'Publish the DKIM records first.' }
  }
  const alone =
    ways.length === 1 && strictSpf ? ' SPF is not aligned, because aspf=s; DKIM carries it alone.' : ''
  const message = `Mail of ${domain} that leaves here passes DMARC by ${ways.join(' and ')}.${alone} ${governs}`
  return { state: 'ok', message, fix: '' }
}

const FATE = { quarantine: 'put among spam', reject: 'refused' } as const
