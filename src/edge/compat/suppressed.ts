//
// Owns: the suppression list as vendors divide it: by why an address is on it. Each goes on to /v1/suppressions.

import type { SuppressionReason } from '../../core/suppression.ts'
import { type EntryView, pageMark, parseScope } from '../../services/suppression/by-hand.ts'
import type { Native, NativeAnswer } from './native.ts'

/** One of a vendor's lists: the reasons that belong there, and what an entry that is added there gets. */
export interface Kind {
  readonly reasons: readonly SuppressionReason[]
  readonly scope: string
}

export interface Entries {
  readonly entries: readonly EntryView[]
  /** Behind which the next page begins; null: that was all. */
  readonly next: string | null
}

interface Page {
  readonly data: readonly EntryView[]
  readonly next: string | null
}

export interface ListAsk {
  readonly limit: number
  /** Empty: from the beginning. */
  readonly after: string
  /** Others are passed over. */
  readonly within?: (entry: EntryView) => boolean
}

/** Of a page of ours; a vendor's list of few among many is found in as many pages as there are. */
const PAGE = 1000
const MOST_PAGES = 50

/** A page of one kind: where several reasons belong to it, others are passed over. */
export async function listed(native: Native, kind: Kind, ask: ListAsk): Promise<NativeAnswer<Entries>> {
  const entries: EntryView[] = []
  let { after } = ask
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = queryOf(kind, { ...ask, limit: ask.limit - entries.length, after })
    const page = await native.ask<Page>({ method: 'GET', path: `/v1/suppressions?${query}` })
    if (!page.ok) return page
    const found = page.value.data.filter((entry) => belongs(entry, kind) && (ask.within?.(entry) ?? true))
    const wanted = found.slice(0, ask.limit - entries.length)
    entries.push(...wanted)
    const last = wanted.at(-1)
    if (last && wanted.length < found.length) return { ok: true, value: { entries, next: markOf(last) } }
    const { next } = page.value
    if (next === null || entries.length === ask.limit) return { ok: true, value: { entries, next } }
    after = next
  }
  return { ok: true, value: { entries, next: after } }
}

function queryOf({ reasons }: Kind, { after, limit, within }: ListAsk): URLSearchParams {
  const [reason, ...others] = reasons
  const isSieved = others.length > 0 || within !== undefined
  const query = new URLSearchParams({ limit: String(isSieved ? PAGE : Math.min(limit, PAGE)) })
  if (reason !== undefined && others.length === 0) query.set('reason', reason)
  if (after !== '') query.set('after', after)
  return query
}

const belongs = (entry: EntryView, { reasons }: Kind): boolean =>
  reasons.length === 0 || reasons.includes(entry.reason)

/** Of one address; empty: it is not on this list. */
export async function entriesOf(
  native: Native,
  kind: Kind,
  address: string,
): Promise<NativeAnswer<EntryView[]>> {
  const path = `/v1/suppressions/${encodeURIComponent(address)}`
  const found = await native.ask<Page>({ method: 'GET', path })
  if (!found.ok) return found.error.code === 'not_found' ? { ok: true, value: [] } : found
  return { ok: true, value: found.value.data.filter((entry) => belongs(entry, kind)) }
}

/** False: it was not on this list. */
export async function taken(native: Native, kind: Kind, address: string): Promise<NativeAnswer<boolean>> {
  const found = await entriesOf(native, kind, address)
  if (!found.ok) return found
  for (const { scope } of found.value) {
    const path = `/v1/suppressions/${encodeURIComponent(address)}?scope=${encodeURIComponent(scope)}`
    const removed = await native.ask({ method: 'DELETE', path })
    if (!removed.ok && removed.error.code !== 'not_found') return removed
  }
  return { ok: true, value: found.value.length > 0 }
}

export interface NewEntry {
  readonly address: string
  /** For people. */
  readonly note?: string
}

export async function added(
  native: Native,
  kind: Kind,
  { address, note }: NewEntry,
): Promise<NativeAnswer<EntryView>> {
  const body = { address, scope: kind.scope, reason: kind.reasons[0] ?? 'manual', ...(note ? { note } : {}) }
  const put = await native.ask<{ suppression: EntryView }>({ method: 'POST', path: '/v1/suppressions', body })
  return put.ok ? { ok: true, value: put.value.suppression } : put
}

/** As /v1/suppressions marks its pages: an entry is named by it. */
export const markOf = ({ address, scope }: Pick<EntryView, 'address' | 'scope'>): string =>
  pageMark({ recipient: address, scope: parseScope(scope) ?? '' })
