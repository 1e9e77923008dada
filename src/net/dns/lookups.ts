//
// Owns: what is known of names, for one kind of record value: cache, one flight per question, chains of aliases.

import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, HOUR, type Milliseconds, SECOND } from '../../core/time.ts'
import { TtlCache } from './cache.ts'
import type { Exchange } from './exchange.ts'
import { MAX_CNAME_HOPS } from './interpret.ts'
import type { Answer, LookupFault } from './resolver.ts'
import type { Question, WireRecord } from './wire.ts'

export type Found<Value> = Result<Answer<Value>, LookupFault>

export interface LookupsOptions<Value> {
  readonly exchange: Exchange
  readonly clock: Clock
  /** Most answers remembered. */
  readonly entries: number
  readonly read: (record: WireRecord) => Value
}

/** A record with a shorter life would be asked for at every message. */
const SHORTEST_LIFE: Milliseconds = 5 * SECOND
/** RFC 1912 knows weeks; a day bounds what a mistake or a forged answer can cost. */
const LONGEST_LIFE: Milliseconds = DAY
/** RFC 2308 §5: values of one to three hours worked well for "no". */
const LONGEST_NEGATIVE_LIFE: Milliseconds = HOUR
/** RFC 2308 §7 allows five minutes; mail that could go in a quarter of one must not wait for it. */
const FAULT_LIFE: Milliseconds = 15 * SECOND

interface Learned<Value> {
  readonly found: Found<Value>
  readonly life: Milliseconds
}

export class Lookups<Value> {
  readonly #options: LookupsOptions<Value>
  readonly #cache: TtlCache<Found<Value>>
  readonly #flights = new Map<string, Promise<Found<Value>>>()

  constructor(options: LookupsOptions<Value>) {
    this.#options = options
    this.#cache = new TtlCache(options.entries, () => options.clock.monotonic())
  }

  find(question: Question): Promise<Found<Value>> {
    const key = `${question.type} ${question.name}`
    const kept = this.#cache.get(key)
    if (kept) return Promise.resolve(aged(kept.value, kept.left))
    const underWay = this.#flights.get(key)
    if (underWay !== undefined) return underWay
    const flight = this.#fly(key, question).finally(() => this.#flights.delete(key))
    this.#flights.set(key, flight)
    return flight
  }

  async #fly(key: string, question: Question): Promise<Found<Value>> {
    const { found, life } = await this.#learn(question)
    this.#cache.put(key, found, life)
    return aged(found, life)
  }

  async #learn(question: Question): Promise<Learned<Value>> {
    let name = question.name
    let ttl = Number.POSITIVE_INFINITY
    let authentic = true
    // Each turn follows at least one alias.
    for (let hops = 0; hops <= MAX_CNAME_HOPS; ) {
      const exchanged = await this.#options.exchange.ask({ name, type: question.type })
      if ('fault' in exchanged) return { found: fault(exchanged.fault), life: FAULT_LIFE }
      const { reading } = exchanged
      authentic &&= exchanged.authentic
      if (reading.kind === 'no') return { found: fault(reading.fault), life: negativeLife(reading.ttl) }
      ttl = Math.min(ttl, reading.ttl)
      if (reading.kind === 'found') {
        const records = reading.records.map(this.#options.read)
        const { owner } = reading
        const answer = { records, ttl, authentic, ...(owner === question.name ? {} : { owner }) }
        return { found: ok(answer), life: clamp(ttl * SECOND, LONGEST_LIFE) }
      }
      name = reading.target
      hops += reading.hops
    }
    return { found: fault('servfail'), life: FAULT_LIFE }
  }
}

/** An answer is handed on with the time that it has left. */
const aged = <Value>(found: Found<Value>, left: Milliseconds): Found<Value> =>
  found.ok ? ok({ ...found.value, ttl: Math.ceil(left / SECOND) }) : found

/** RFC 2308 §5: "no" without an SOA record is not to be kept; the shortest life only shares it. */
const negativeLife = (ttl: number | null): Milliseconds => clamp((ttl ?? 0) * SECOND, LONGEST_NEGATIVE_LIFE)

const clamp = (life: Milliseconds, longest: Milliseconds): Milliseconds =>
  Math.min(Math.max(life, SHORTEST_LIFE), longest)
