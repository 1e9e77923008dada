//
// Owns: /v1/suppressions: who must not be written to, as an account sees and changes its own list.

import { Elysia } from 'elysia'
import { parseDomain, parseMailbox } from '../../../core/address.ts'
import type { AccountId } from '../../../core/ids.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import type { Suppression } from '../../../core/suppression.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import {
  type EntryDraft,
  entryView,
  pageMark,
  parseScope,
  REASONS,
  readEntry,
  readPageMark,
} from '../../../services/suppression/by-hand.ts'
import { suppressionKey } from '../../../services/suppression/suppression.ts'
import type { StoreFault } from '../../../store/store-fault.ts'
import type { SuppressionListAsk } from '../../../store/suppression-store.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, type Problem } from '../problem.ts'
import { invalid, limitIn, stranger, wordIn } from '../query.ts'
import { say } from '../say.ts'
import { BulkBody, EntryBody } from '../schema/suppressions.ts'

const PAGE = { usual: 100, most: 1000 } as const

export function suppressionRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/suppressions', name: 'suppressions', normalize: false })
    .get('', async ({ request, set }) => {
      const ask = readList(new URL(request.url).searchParams, callerOf(request).key.accountId, parts)
      if (!ask.ok) return say(ask.error, set, parts.ids)
      const page = await parts.suppressions.list(ask.value)
      const last = page.length === ask.value.limit ? page[page.length - 1] : undefined
      return { success: true, suppressions: page.map(entryView), next: last ? pageMark(last) : null } as const
    })
    .post(
      '',
      async ({ body, request, set }) => {
        const { key } = callerOf(request)
        const entry = readEntry(body, { account: key.accountId, now: parts.clock.now(), reason: 'manual' })
        if (!entry.ok) return say(invalid(entry.error.path, entry.error.message), set, parts.ids)
        const put = await keep(parts, key.mode, [entry.value])
        if (!put.ok) return say(fromRefusal(storeRefusal(put.error)), set, parts.ids)
        return { success: true, suppression: entryView(entry.value) } as const
      },
      { body: EntryBody },
    )
    .post(
      '/bulk',
      async ({ body, request, set }) => {
        const { key } = callerOf(request)
        const facts = { account: key.accountId, now: parts.clock.now(), reason: 'import' } as const
        const read = body.entries.map((draft: EntryDraft) => readEntry(draft, facts))
        const entries = read.flatMap((one) => (one.ok ? [one.value] : []))
        const put = await keep(parts, key.mode, entries)
        if (!put.ok) return say(fromRefusal(storeRefusal(put.error)), set, parts.ids)
        const failed = read.flatMap((one, index) =>
          one.ok ? [] : [{ index, field: one.error.path, message: `${one.error.path} ${one.error.message}` }],
        )
        return { success: true, added: entries.length, failed } as const
      },
      { body: BulkBody },
    )
    .get('/:address', async ({ params, request, set }) => {
      const { key } = callerOf(request)
      const named = nameIn(params.address)
      const entries = await entriesOf(parts, key.accountId, named)
      if (entries.length === 0) return say(unknown(params.address), set, parts.ids)
      return { success: true, address: named, suppressions: entries.map(entryView) } as const
    })
    .delete('/:address', async ({ params, request, set }) => {
      const { key } = callerOf(request)
      const named = nameIn(params.address)
      const wanted = new URL(request.url).searchParams.get('scope')
      const scope = wanted === null ? null : parseScope(wanted)
      if (wanted !== null && scope === null) return say(BAD_SCOPE, set, parts.ids)
      const entries = await entriesOf(parts, key.accountId, named)
      const found = entries.filter((entry) => scope === null || entry.scope === scope).length
      if (named === null || found === 0) return say(unknown(params.address), set, parts.ids)
      if (key.mode === 'test') return { success: true, removed: found } as const
      const removed = await parts.suppression.remove(key.accountId, named, scope)
      if (!removed.ok) return say(fromRefusal(storeRefusal(removed.error)), set, parts.ids)
      return { success: true, removed: removed.value } as const
    })
}

/** Test keys are taken at their word and change nothing: what they do must not stop live mail. */
function keep(
  { suppression }: ApiParts,
  mode: Caller['key']['mode'],
  entries: readonly Suppression[],
): Promise<Result<void, StoreFault>> {
  return mode === 'test' || entries.length === 0 ? Promise.resolve(ok(undefined)) : suppression.put(entries)
}

/** Nobody's, and the store is not asked, where the path is no address. */
const entriesOf = (
  { suppressions }: ApiParts,
  account: AccountId,
  named: string | null,
): Promise<readonly Suppression[]> =>
  named === null ? Promise.resolve([]) : suppressions.entries(account, named)

/** As the list has it; null: no address at all. The framework gives null for a bad percent-encoding. */
function nameIn(path: string | null | undefined): string | null {
  const parsed = parseMailbox(path ?? '')
  return parsed.ok ? suppressionKey(parsed.value) : null
}

const unknown = (address: string | null | undefined): Problem => ({
  code: 'not_found',
  message: `${JSON.stringify((address ?? '').slice(0, 254).toWellFormed())} is not on the suppression list of this account.`,
})

const BAD_SCOPE = invalid('scope', 'is none of all, marketing, list:<id>')

const KNOWN = ['limit', 'after', 'reason', 'scope', 'domain', 'include_expired']

function readList(
  query: URLSearchParams,
  account: AccountId,
  { clock }: ApiParts,
): Result<SuppressionListAsk, Problem> {
  const strange = stranger(query, KNOWN)
  if (strange) return fault(strange)
  const limit = limitIn(query, PAGE)
  if (!limit.ok) return limit
  const mark = query.get('after')
  const after = mark === null ? null : readPageMark(mark)
  if (mark !== null && after === null) {
    return fault(invalid('after', 'is no value that "next" had'))
  }
  const reason = wordIn(query, 'reason', REASONS)
  if (!reason.ok) return reason
  const wanted = query.get('scope')
  const scope = wanted === null ? null : parseScope(wanted)
  if (wanted !== null && scope === null) return fault(BAD_SCOPE)
  // As entries have it: in A-labels. It goes into a pattern, where `_` would mean any letter.
  const domain = query.has('domain') ? parseDomain(query.get('domain') ?? '') : null
  if (domain !== null && !domain.ok) return fault(invalid('domain', 'is no domain'))
  const now = query.get('include_expired') === 'true' ? null : clock.now()
  return ok({
    account,
    limit: limit.value,
    after,
    reason: reason.value,
    scope,
    domain: domain?.value ?? null,
    now,
  })
}
