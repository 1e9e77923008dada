//
// Owns: reading what an SPF record leads to (RFC 7208): how many lookups it costs, whether it can be evaluated at all, and
// whether it lets given addresses send.
// Never: what that means for a domain (check-spf.ts).

import ipaddr from 'ipaddr.js'
import type { Asking } from './asking.ts'
import { recordsIn } from './asking.ts'

/** RFC 7208 §4.6.4. */
export const MOST_LOOKUPS = 10
export const MOST_VOID = 2

export interface SpfReading {
  /** Null: nobody could tell. */
  readonly records: readonly string[] | null
  readonly lookups: number
  /** Lookups that gave nothing. */
  readonly voids: number
  /** What makes receivers give up (permerror); null: nothing. */
  readonly broken: string | null
  /** A name server did not answer: what is said here may be too little. */
  readonly incomplete: boolean
  /** Whether the addresses may send; null: there are none, or nobody could tell. */
  readonly allows: boolean | null
  readonly allowsAll: boolean
  /** Names that were gone through, in order. */
  readonly chain: readonly string[]
}

interface Walk {
  readonly ask: Asking
  readonly addresses: readonly string[]
  readonly chain: string[]
  lookups: number
  voids: number
  broken: string | null
  incomplete: boolean
  allowsAll: boolean
}

type Verdict = 'pass' | 'other' | 'none'

export const spfRecordsIn = (texts: readonly string[]): readonly string[] =>
  texts.filter((text) => /^v=spf1(?: |$)/i.test(text))

export async function readSpf(ask: Asking, name: string, addresses: readonly string[]): Promise<SpfReading> {
  const texts = recordsIn(await ask.txt(name))
  const records = texts === null ? null : spfRecordsIn(texts)
  const walk: Walk = {
    ask,
    addresses,
    chain: [],
    lookups: 0,
    voids: 0,
    broken: null,
    incomplete: records === null,
    allowsAll: false,
  }
  let verdict: Verdict = 'none'
  if (records !== null && records.length > 1) {
    walk.broken = `There are ${records.length} SPF records at ${name}; receivers give up on more than one.`
  } else if (records?.[0] !== undefined) verdict = await evaluate(walk, name, records[0])
  const { allowsAll, broken, chain, incomplete, lookups, voids } = walk
  const canTell = addresses.length > 0 && records !== null && !incomplete
  const allows = canTell ? verdict === 'pass' && broken === null : null
  return { records, lookups, voids, broken, incomplete, allows, allowsAll, chain }
}

/** Every term is gone through, also behind a match: what is counted is the worst case. */
async function evaluate(walk: Walk, name: string, record: string): Promise<Verdict> {
  if (walk.chain.includes(name)) {
    walk.broken ??= `The SPF record of ${name} leads back to itself.`
    return 'none'
  }
  walk.chain.push(name)
  let verdict: Verdict = 'none'
  let redirect: string | null = null
  for (const term of record.split(/ +/).slice(1)) {
    if (term === '' || walk.broken !== null) continue
    const modifier = /^(redirect|exp)=(.*)$/i.exec(term)
    if (modifier) {
      if (modifier[1]?.toLowerCase() === 'redirect') redirect = modifier[2] ?? ''
      continue
    }
    if (/^[a-z][a-z0-9_.-]*=/i.test(term)) continue
    const matched = await mechanism(walk, name, term)
    if (matched === null || verdict !== 'none') continue
    verdict = matched
  }
  if (redirect !== null && verdict === 'none' && !/(?:^| )[-+~?]?all(?: |$)/i.test(record)) {
    return follow(walk, redirect, 'redirect')
  }
  return verdict
}

/** Null: it does not match. */
async function mechanism(walk: Walk, name: string, term: string): Promise<Verdict | null> {
  const [, qualifier = '', word = '', rest = ''] = /^([-+~?]?)([a-z0-9]+)(.*)$/i.exec(term) ?? []
  const [, argument = '', prefix4 = '', prefix6 = ''] =
    /^(?::([^/]*(?:\/[^/\d][^/]*)*))?(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(rest) ?? []
  const says: Verdict = qualifier === '' || qualifier === '+' ? 'pass' : 'other'
  switch (word.toLowerCase()) {
    case 'all':
      if (says === 'pass') walk.allowsAll = true
      return says
    case 'ip4':
    case 'ip6':
      return ipMatches(walk, rest.slice(1), term) ? says : null
    case 'include':
      return (await follow(walk, argument, 'include')) === 'pass' ? says : null
    case 'a':
      return (await hostMatches(walk, argument || name, [prefix4, prefix6])) ? says : null
    case 'mx':
      return (await mxMatches(walk, argument || name, [prefix4, prefix6])) ? says : null
    case 'ptr':
    case 'exists':
      count(walk)
      return null
    default:
      walk.broken ??= `The SPF record of ${name} has a term that nobody knows: ${term.slice(0, 60)}.`
      return null
  }
}

function count(walk: Walk): boolean {
  walk.lookups += 1
  if (walk.lookups <= MOST_LOOKUPS) return true
  walk.broken ??= `The SPF record takes more than ${MOST_LOOKUPS} DNS lookups; receivers give up (RFC 7208 §4.6.4).`
  return false
}

async function follow(walk: Walk, name: string, how: 'include' | 'redirect'): Promise<Verdict> {
  if (!count(walk)) return 'none'
  // Macros are filled in with the sender's address: where they lead is known to receivers alone.
  if (name.includes('%')) return 'none'
  const texts = recordsIn(await walk.ask.txt(name))
  if (texts === null) {
    walk.incomplete = true
    return 'none'
  }
  const records = spfRecordsIn(texts)
  const [record] = records
  if (record === undefined || records.length > 1) {
    if (texts.length === 0) walk.voids += 1
    walk.broken ??= `The SPF record has ${how} ${name.slice(0, 253)}, where ${record === undefined ? 'no SPF record stands' : 'several SPF records stand'}; receivers give up.`
    return 'none'
  }
  return evaluate(walk, name, record)
}

async function hostMatches(walk: Walk, name: string, prefixes: readonly string[]): Promise<boolean> {
  if (!count(walk) || name.includes('%')) return false
  return addressMatches(walk, name, prefixes)
}

async function addressMatches(walk: Walk, name: string, prefixes: readonly string[]): Promise<boolean> {
  const found = recordsIn(await walk.ask.addresses(name))
  if (found === null) walk.incomplete = true
  else if (found.length === 0) walk.voids += 1
  return (found ?? []).some((address) => {
    const [four = '', six = ''] = prefixes
    const prefix = address.includes(':') ? six || '128' : four || '32'
    return walk.addresses.some((ours) => isWithin(ours, `${address}/${prefix}`))
  })
}

async function mxMatches(walk: Walk, name: string, prefixes: readonly string[]): Promise<boolean> {
  if (!count(walk) || name.includes('%')) return false
  const found = recordsIn(await walk.ask.mx(name))
  if (found === null) walk.incomplete = true
  else if (found.length === 0) walk.voids += 1
  for (const { exchange } of (found ?? []).slice(0, MOST_LOOKUPS)) {
    if (exchange !== '' && (await addressMatches(walk, exchange, prefixes))) return true
  }
  return false
}

function ipMatches(walk: Walk, network: string, term: string): boolean {
  const written = network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`
  if (parseNetwork(written) === null) {
    walk.broken ??= `The SPF record has a term that is no network: ${term.slice(0, 60)}.`
    return false
  }
  return walk.addresses.some((address) => isWithin(address, written))
}

function parseNetwork(text: string): ReturnType<typeof ipaddr.parseCIDR> | null {
  try {
    return ipaddr.parseCIDR(text)
  } catch {
    return null
  }
}

function isWithin(address: string, network: string): boolean {
  const parsed = parseNetwork(network)
  if (parsed === null || !ipaddr.isValid(address)) return false
  const own = ipaddr.process(address)
  return own.kind() === parsed[0].kind() && own.match(parsed)
}
