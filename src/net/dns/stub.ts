//
// Owns: the resolver of this node: a stub (RFC 1034 §5.3.1) on name servers that recurse for it.
// node:dns was tried and not taken: under Bun it splits multi-string TXT records, hides the AD bit and reports
// NODATA as NXDOMAIN, on which the permanence of a bounce would rest.

import ipaddr from 'ipaddr.js'
import type { Clock } from '../../core/ports.ts'
import { fault, ok } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import { Exchange } from './exchange.ts'
import { type Found, Lookups } from './lookups.ts'
import type { Family, LookupFault, MxRecord, Resolver, TlsaData } from './resolver.ts'
import type { AdTrust, Endpoint } from './servers.ts'
import { asQuestionName, type RecordKind, type WireRecord } from './wire.ts'

export interface StubResolverOptions {
  readonly servers: readonly Endpoint[]
  readonly clock: Clock
  /** For one answer of one server; 2 s unless said. */
  readonly patience?: Milliseconds
  /** `auto` unless said. */
  readonly trustAd?: AdTrust
  /** Most answers remembered, of MX, TLSA and other records each. */
  readonly cacheEntries?: number
}

/** An answer takes about half a kilobyte: 30 MB at most for all kinds. */
const CACHE_ENTRIES = 20_000
/** The other half of an address answer failed for now: it is asked again soon. */
const HALF_ANSWER_TTL = 60
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** The fault that promises more comes last: what passes outweighs what stays. */
const PROMISE: readonly LookupFault[] = ['nxdomain', 'nodata', 'servfail', 'timeout']

export class StubResolver implements Resolver {
  readonly #exchange: Exchange
  readonly #mx: Lookups<MxRecord>
  readonly #texts: Lookups<string>
  readonly #tlsa: Lookups<TlsaData>

  constructor({ cacheEntries = CACHE_ENTRIES, ...options }: StubResolverOptions) {
    const { clock } = options
    const exchange = new Exchange(options)
    const common = { exchange, clock, entries: cacheEntries }
    this.#exchange = exchange
    this.#mx = new Lookups({
      ...common,
      read: (record) => ({ preference: record.preference, exchange: record.value }),
    })
    this.#texts = new Lookups({ ...common, read: (record) => record.value })
    this.#tlsa = new Lookups({ ...common, read: readTlsa })
  }

  mx(domain: string): Promise<Found<MxRecord>> {
    const name = asQuestionName(domain)
    return name === null ? NO_SUCH_NAME : this.#mx.find({ name, type: 'MX' })
  }

  async addresses(host: string, families: readonly Family[] = FAMILIES): Promise<Found<string>> {
    const found = await Promise.all(
      families.map((family) => this.#text(host, family === 'ipv4' ? 'A' : 'AAAA')),
    )
    return found.reduce(merged, NOTHING_ASKED)
  }

  txt(name: string): Promise<Found<string>> {
    return this.#text(name, 'TXT')
  }

  cname(name: string): Promise<Found<string>> {
    return this.#text(name, 'CNAME')
  }

  async ptr(address: string): Promise<Found<string>> {
    const name = reverseName(address)
    return name === null ? NO_SUCH_NAME : this.#text(name, 'PTR')
  }

  tlsa(text: string): Promise<Found<TlsaData>> {
    const name = asQuestionName(text)
    return name === null ? NO_SUCH_NAME : this.#tlsa.find({ name, type: 'TLSA' })
  }

  /** Closes every socket; questions on the way end as timed out. */
  close(): void {
    this.#exchange.close()
  }

  #text(text: string, type: RecordKind): Promise<Found<string>> {
    const name = asQuestionName(text)
    return name === null ? NO_SUCH_NAME : this.#texts.find({ name, type })
  }
}

const readTlsa = ({ association, value }: WireRecord): TlsaData => ({
  usage: association?.usage ?? 0,
  selector: association?.selector ?? 0,
  matchingType: association?.matchingType ?? 0,
  data: value,
})

/** What the DNS cannot hold does not exist in it: no server needs to be asked. */
const NO_SUCH_NAME = Promise.resolve(fault('nxdomain' as const))
const NOTHING_ASKED: Found<string> = fault('nxdomain')

function merged(one: Found<string>, other: Found<string>): Found<string> {
  if (one.ok && other.ok) {
    return ok({
      ...one.value,
      records: [...one.value.records, ...other.value.records],
      ttl: Math.min(one.value.ttl, other.value.ttl),
      authentic: one.value.authentic && other.value.authentic,
    })
  }
  if (one.ok) return halved(one, other)
  if (other.ok) return halved(other, one)
  return PROMISE.indexOf(one.error) >= PROMISE.indexOf(other.error) ? one : other
}

function halved(found: Found<string>, missing: Found<string>): Found<string> {
  if (!found.ok || missing.ok) return found
  const lasting = missing.error === 'nodata' || missing.error === 'nxdomain'
  return lasting ? found : ok({ ...found.value, ttl: Math.min(found.value.ttl, HALF_ANSWER_TTL) })
}

/** RFC 1035 §3.5 and RFC 3596 §2.5; null for what is no address. */
function reverseName(address: string): string | null {
  if (!ipaddr.isValid(address)) return null
  const parsed = ipaddr.process(address)
  const bytes = parsed.toByteArray()
  if (parsed.kind() === 'ipv4') return `${bytes.reverse().join('.')}.in-addr.arpa`
  const nibbles = bytes.flatMap((byte) => [byte >> 4, byte & 0xf])
  return `${nibbles
    .reverse()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa`
}
