//
// Owns: what receivers find of each sending domain, in the doctor's words: the look itself is services/domains/look.ts.

import type { SendingDomain, StoredDkimKey } from '../../core/account.ts'
import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Finding } from '../../core/finding.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { look } from '../domains/look.ts'
import { type OwnNames, recordsFor, registrableDomain } from '../domains/records.ts'
import { fail, fine, type Trouble, unknown, warn } from './say.ts'

export interface DomainAsk {
  readonly domain: SendingDomain
  readonly keys: readonly StoredDkimKey[]
  readonly own: OwnNames
}

export interface DomainFacts extends DomainAsk {
  readonly findings: readonly Finding[]
  /** Records that were published under a name with the zone's name twice, as in mail.example.com.example.com. */
  readonly doubled: ReadonlyMap<string, string>
  /** Without it nothing is sent as it. */
  readonly mustBeVerified: boolean
  /** Where bounces are taken: port 25 of this node. */
  readonly inbound: boolean
}

/** Many panels add the zone's name by themselves. */
export async function seeDomain(
  ask: DomainAsk,
  resolver: Resolver,
): Promise<Pick<DomainFacts, 'findings' | 'doubled'>> {
  const { findings } = await look(resolver, ask)
  const zone = registrableDomain(ask.domain.name) ?? ask.domain.name
  const doubled = new Map<string, string>()
  for (const { name, state, type } of findings) {
    if (state !== 'missing') continue
    const other = `${name}.${zone}`
    const found = await (type === 'MX'
      ? resolver.mx(other)
      : type === 'CNAME'
        ? resolver.cname(other)
        : resolver.txt(other))
    if (found.ok && found.value.records.length > 0) doubled.set(name, other)
  }
  return { findings, doubled }
}

/** Nobody's mail hangs on them; `mailwok domain verify` tells of them. */
const ASIDE: ReadonlySet<Finding['check']> = new Set(['mta_sts', 'bimi', 'mx'])

export function judgeDomain(facts: DomainFacts): readonly Diagnosis[] {
  const { domain, findings } = facts
  const told = findings
    .filter(({ check }) => !ASIDE.has(check))
    .flatMap((finding) => judgeFinding(finding, facts))
  const closed = bouncesClosed(facts)
  const all = closed === null ? told : [...told, closed]
  if (all.some(({ state }) => state !== 'ok')) return all
  if (facts.mustBeVerified && domain.verifiedAt === null) return [unverified(domain.name), ...all]
  return [
    fine('domain', domain.name, 'Its records are right: mail is signed, aligned and lets bounces come back.'),
    ...all,
  ]
}

function judgeFinding(finding: Finding, facts: DomainFacts): readonly Diagnosis[] {
  const { check, message, name, state } = finding
  if (state === 'ok') return []
  if (state === 'unknown') return [silent(finding)]
  const doubled = state === 'missing' ? facts.doubled.get(name) : undefined
  if (doubled !== undefined) return [doubledName(name, doubled, facts)]
  const trouble: Trouble = { subject: name, why: message, fix: linesOf(finding, facts) }
  if (isSpf(check) && finding.found.length > 1) return [severalSpf(finding, facts)]
  switch (check) {
    case 'tracking':
      return judgeTracking(finding, trouble)
    case 'return_path_mx':
      return [judgeReturnPath(finding, trouble)]
    case 'dmarc':
      return [judgeDmarc(finding, trouble)]
    default:
      if (state === 'warning' || !finding.required) return [warn('record_doubtful', trouble)]
      return [fail(state === 'missing' ? 'record_missing' : 'record_wrong', trouble)]
  }
}

const isSpf = (check: Finding['check']): boolean => check === 'spf' || check === 'return_path_spf'

function doubledName(name: string, doubled: string, { domain }: DomainFacts): Diagnosis {
  const why = `The record stands at ${doubled} instead of ${name}: the DNS panel adds the name of the zone by itself.`
  const short = relativeTo(name, domain.name)
  const fix = [`Enter the name as ${short}, without the zone; or with a dot at its end: ${name}.`]
  return fail('record_doubled_name', { subject: name, why, fix })
}

function severalSpf(finding: Finding, facts: DomainFacts): Diagnosis {
  const { check, found, name } = finding
  const isOwn = check === 'return_path_spf'
  const touches = isOwn ? '' : ' It touches other mail of the domain, whose return path is that name.'
  const why = `${found.length} SPF records stand at ${name}: receivers take several for none (RFC 7208 §4.5).${touches}`
  const keep = isOwn
    ? `Leave one of them: ${wantedIn(finding, facts)}`
    : 'Leave one of them, with what both allow:'
  const several = { subject: name, why, fix: [keep, ...found] }
  return isOwn ? fail('spf_several', several) : warn('spf_several', several)
}

function judgeReturnPath({ state }: Finding, trouble: Trouble): Diagnosis {
  if (state === 'missing') return fail('return_path_missing', trouble)
  return state === 'wrong' ? fail('return_path_elsewhere', trouble) : warn('return_path_elsewhere', trouble)
}

function judgeDmarc({ message, state }: Finding, trouble: Trouble): Diagnosis {
  if (state === 'missing') return warn('record_missing', trouble)
  if (message.includes('nothing is aligned')) return warn('dmarc_unaligned', trouble)
  return warn(state === 'wrong' ? 'record_wrong' : 'record_doubtful', trouble)
}

/** A record that is not wanted by anybody is no trouble; one that leads elsewhere is. */
const judgeTracking = ({ state }: Finding, trouble: Trouble): readonly Diagnosis[] =>
  state === 'missing' ? [] : [warn('tracking_elsewhere', trouble)]

function silent({ check, message, name }: Finding): Diagnosis {
  const isReturnPath = check === 'return_path_mx' || check === 'return_path_spf'
  const why = `${message} Where others' names are answered, the name servers of this zone are lame, or its DNSSEC is broken.`
  const fix = [
    `dig +trace ${name} TXT`,
    `dig NS ${registrableDomain(name) ?? name}     # each of them has to know the zone`,
  ]
  return unknown(isReturnPath ? 'return_path_unchecked' : 'domain_unchecked', { subject: name, why, fix })
}

/** The exact line where there is one to publish. */
function linesOf({ fix, name, type }: Finding, { domain, keys, own }: DomainFacts): readonly string[] {
  const record = recordsFor(domain, keys, own, null).find((one) => one.name === name && one.type === type)
  if (record === undefined || !/publish/i.test(fix)) return fix === '' ? [] : [fix]
  const value = type === 'TXT' ? record.strings.map((part) => `"${part}"`).join(' ') : `${record.value}.`
  return [`${name}. 3600 IN ${type} ${value}`, `mailwok domain verify ${domain.name}`]
}

const wantedIn = ({ name, type }: Finding, { domain, keys, own }: DomainFacts): string =>
  recordsFor(domain, keys, own, null).find((one) => one.name === name && one.type === type)?.value ?? ''

const relativeTo = (name: string, domain: string): string => {
  const zone = registrableDomain(domain) ?? domain
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name
}

const unverified = (name: string): Diagnosis =>
  warn('domain_unverified', {
    subject: name,
    why: `The records of ${name} are right, and it is not verified yet: nobody has looked since they were published.`,
    fix: [`mailwok domain verify ${name}`],
  })

/** The MX leads here, and nobody takes what it brings. */
function bouncesClosed({ domain, findings, inbound }: DomainFacts): Diagnosis | null {
  const mx = findings.find(({ check }) => check === 'return_path_mx')
  if (inbound || mx?.state !== 'ok') return null
  const why = `Bounces to ${mx.name} are to come here, and nobody listens on port 25 of this node.`
  const fix = [
    '[inbound]',
    'listen = "[::]:25"',
    '# and "inbound" among [server] roles; or let another node do it',
  ]
  return fail('return_path_closed', { subject: domain.name, why, fix })
}

export const domainNone = (): Diagnosis =>
  warn('domain_none', {
    subject: 'domains',
    why: 'No sending domain has been added: nothing can be sent yet.',
    fix: ['mailwok domain add example.com'],
  })
