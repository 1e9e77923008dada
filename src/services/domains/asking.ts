//
// Owns: the questions of one look at a domain: each is asked once, and there are so many at most, whatever records lead to.
// Never: what an answer means.

import { fault, type Result } from '../../core/result.ts'
import type { Answer, LookupFault, MxRecord, Resolver } from '../../net/dns/resolver.ts'

export type Found<T> = Result<Answer<T>, LookupFault>

/** SPF may lead to ten further names, DMARC to eight; the rest is ours. */
const MOST_QUESTIONS = 80

export class Asking {
  readonly #resolver: Resolver
  readonly #asked = new Map<string, Promise<unknown>>()

  constructor(resolver: Resolver) {
    this.#resolver = resolver
  }

  txt(name: string): Promise<Found<string>> {
    return this.#once(`TXT ${name}`, () => this.#resolver.txt(name))
  }

  mx(name: string): Promise<Found<MxRecord>> {
    return this.#once(`MX ${name}`, () => this.#resolver.mx(name))
  }

  cname(name: string): Promise<Found<string>> {
    return this.#once(`CNAME ${name}`, () => this.#resolver.cname(name))
  }

  addresses(name: string): Promise<Found<string>> {
    return this.#once(`A ${name}`, () => this.#resolver.addresses(name))
  }

  #once<T>(question: string, ask: () => Promise<Found<T>>): Promise<Found<T>> {
    const asked = this.#asked.get(question)
    if (asked !== undefined) return asked as Promise<Found<T>>
    if (this.#asked.size >= MOST_QUESTIONS) return Promise.resolve(fault('timeout'))
    const asking = ask()
    this.#asked.set(question, asking)
    return asking
  }
}

/** An authority said that there is nothing; silence and SERVFAIL say nothing at all. */
export const isAbsent = (error: LookupFault): boolean => error === 'nxdomain' || error === 'nodata'

/** What stands there; null: nobody could tell. */
export const recordsIn = <T>(found: Found<T>): readonly T[] | null =>
  found.ok ? found.value.records : isAbsent(found.error) ? [] : null

/** RFC 6376 §3.2, RFC 9989: tag=value, separated by semicolons, with white space anywhere around. */
export function tagsOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(';').flatMap((tag): [string, string][] => {
    const equals = tag.indexOf('=')
    return equals === -1 ? [] : [[tag.slice(0, equals).trim().toLowerCase(), tag.slice(equals + 1).trim()]]
  })
  return new Map(pairs)
}

const LONGEST = 600
const MOST_SHOWN = 10

/** As people see it: others write these records, and may write what they like into them. */
export const shown = (texts: readonly string[]): readonly string[] =>
  texts.slice(0, MOST_SHOWN).map((text) =>
    text
      .slice(0, LONGEST)
      .replace(/\p{Cc}/gu, ' ')
      .toWellFormed(),
  )

export const namesSame = (one: string, other: string): boolean =>
  one.toLowerCase().replace(/\.$/, '') === other.toLowerCase().replace(/\.$/, '')
