//
// Owns: what the SPF records of a domain mean for mail that leaves here: that of the return path, which receivers ask for,
// and that of the domain itself, which they do not (RFC 7208 §2.4).

import type { Finding } from '../../core/finding.ts'
import { type Asking, recordsIn, shown } from './asking.ts'
import { MOST_LOOKUPS, MOST_VOID, readSpf, type SpfReading } from './spf.ts'

interface Place {
  readonly name: string
  /** HELO name: its addresses send. */
  readonly hostname: string
}

export async function returnPathSpf(ask: Asking, { hostname, name }: Place): Promise<Finding> {
  const head = { check: 'return_path_spf', name, type: 'TXT', required: true } as const
  const ours = recordsIn(await ask.addresses(hostname)) ?? []
  const read = await readSpf(ask, name, ours)
  const wanted = `v=spf1 a:${hostname} -all`
  const fix = `Publish at ${name} the TXT record ${wanted}`
  if (read.records === null) return { ...head, ...unanswered(name) }
  const found = shown(read.records)
  const [record] = read.records
  if (record === undefined) {
    const message = `There is no SPF record at ${name}: SPF says nothing for our mail.`
    return { ...head, state: 'missing', found, message, fix }
  }
  if (read.broken !== null) return { ...head, state: 'wrong', found, message: read.broken, fix }
  if (!namesUs(record, hostname) && read.allows !== true) {
    const says = takesOthersWord(record)
    // Our addresses may be others than those of our name, and whoever writes networks knows why.
    if (!says || read.allows === false) {
      const message = `The SPF record at ${name} does not let ${hostname} send.`
      return { ...head, state: says ? 'warning' : 'wrong', found, message, fix }
    }
  }
  return { ...head, ...(careless(read, name) ?? fine(found, `The SPF record at ${name} lets us send.`)) }
}

export async function authorSpf(ask: Asking, { name }: Place): Promise<Finding> {
  const head = { check: 'spf', name, type: 'TXT', required: false } as const
  const read = await readSpf(ask, name, [])
  if (read.records === null) return { ...head, ...unanswered(name) }
  const found = shown(read.records)
  if (read.records.length === 0) {
    const message = `${name} has no SPF record of its own; our mail needs none, its return path has one.`
    return { ...head, state: 'ok', found, message, fix: '' }
  }
  if (read.broken !== null) {
    return {
      ...head,
      state: 'warning',
      found,
      message: `${read.broken} It does not touch our mail, whose return path is another name, but other mail of ${name}.`,
      fix: 'Leave one record, with ten lookups at most and without names that are gone.',
    }
  }
  const good = `The SPF record of ${name} takes ${read.lookups} of ${MOST_LOOKUPS} lookups. Our mail does not need to stand in it.`
  return { ...head, ...(careless(read, name) ?? fine(found, good)) }
}

const unanswered = (name: string) =>
  ({
    state: 'unknown',
    found: [],
    message: `No name server gave an answer for ${name}; what was seen before holds.`,
    fix: 'Look again in a while.',
  }) as const

const fine = (found: readonly string[], message: string) =>
  ({ state: 'ok', found, message, fix: '' }) as const

function careless({ allowsAll, lookups, records, voids }: SpfReading, name: string) {
  const found = shown(records ?? [])
  if (allowsAll) {
    return {
      state: 'warning',
      found,
      message: `The SPF record at ${name} says +all: everybody may send as ${name}.`,
      fix: 'End it with -all or ~all.',
    } as const
  }
  if (voids > MOST_VOID) {
    return {
      state: 'warning',
      found,
      message: `The SPF record at ${name} names ${voids} hosts that do not exist; receivers may give up after ${MOST_VOID} (RFC 7208 §4.6.4).`,
      fix: 'Take the names that are gone out of it.',
    } as const
  }
  if (lookups === MOST_LOOKUPS) {
    return {
      state: 'warning',
      found,
      message: `The SPF record at ${name} takes all ${MOST_LOOKUPS} lookups: one more in an included record breaks it.`,
      fix: 'Take out what is not used any more.',
    } as const
  }
  return null
}

/** It names our host, or the MX of the return path, which is our host as well. */
const namesUs = (record: string, hostname: string): boolean =>
  termsOf(record).some((term) => term === `a:${hostname.toLowerCase()}` || term === 'mx')

const takesOthersWord = (record: string): boolean =>
  termsOf(record).some((term) => /^(?:ip4:|ip6:|include:|redirect=)./.test(term))

const termsOf = (record: string): readonly string[] =>
  record
    .toLowerCase()
    .split(/ +/)
    .map((term) => term.replace(/^\+/, ''))
