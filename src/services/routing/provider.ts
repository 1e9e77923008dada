//
// Owns: by which name a destination's receiving side is known: what shares a lane must share a fate. Pure.

import { getDomain } from 'tldts'
import type { Provider } from '../../core/route.ts'
import type { MxRecord } from '../../net/dns/resolver.ts'
import type { ProviderBook } from './provider-book.ts'

/**
 * The name in the book, else the registrable domain of the best MX: thousands of customers' domains lead to one
 * provider. Of several equally good ones the first by name, never by dice: a destination must not change its lane with
 * the weather.
 */
export function providerOfMx(records: readonly MxRecord[], book: ProviderBook | null = null): Provider {
  let best: MxRecord | undefined
  for (const record of records) if (best === undefined || isBetter(record, best)) best = record
  const exchange = best?.exchange ?? ''
  return book?.nameOf(exchange) ?? registrable(exchange)
}

const isBetter = (one: MxRecord, other: MxRecord): boolean =>
  one.preference === other.preference ? one.exchange < other.exchange : one.preference < other.preference

// Names under shared suffixes (such as a cloud's host names) count as the cloud's: its network decides what it takes.
const registrable = (exchange: string): Provider =>
  getDomain(exchange, { allowPrivateDomains: false, extractHostname: false }) ?? exchange
