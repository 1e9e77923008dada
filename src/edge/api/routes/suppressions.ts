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
  readEntry,
  readPageMark,
} from '../../../services/suppression/by-hand.ts'
import { suppressionKey } from '../../../services/suppression/suppression.ts'
import type { StoreFault } from '../../../store/store-fault.ts'
import type { SuppressionListAsk } from '../../../store/suppression-store.ts'
import {
  ADD_ENTRIES,
  ADD_ENTRY,
  GET_ENTRIES,
  LIST_ENTRIES,
  REMOVE_ENTRIES,
} from '../operations/suppressions.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { BulkBody, EntryBody, ListQuery, RemoveQuery } from '../schema/suppressions.ts'

export function suppressionRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/suppressions', name: 'suppressions', normalize: false })
    .use(lookRoutes(parts, callerOf))
    .use(changeRoutes(parts, callerOf))
}

function lookRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ name: 'suppressions-look', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const ask = readList(request, callerOf(request).key.accountId, parts)
        if (!ask.ok) return say(ask.error, set, parts.ids)
        // One more than asked for tells whether there are more.
        const found = await parts.suppressions.list({ ...ask.value, limit: ask.value.limit + 1 })
        const backwards = ask.value.before != null
        const page = backwards ? found.slice(-ask.value.limit) : found.slice(0, ask.value.limit)
        const hasMore = found.length > page.length
        const [first, last] = [page[0], hasMore || backwards ? page.at(-1) : undefined]
        return {
          success: true,
          data: page.map(entryView),
          has_more: hasMore,
          next: last ? pageMark(last) : null,
          previous: first ? pageMark(first) : null,
        } as const
      },
      { ...LIST_ENTRIES },
    )
    .get(
      '/:address',
      async ({ params, request, set }) => {
        const { key } = callerOf(request)
        const named = nameIn(params.address)
        const entries = await entriesOf(parts, key.accountId, named)
        if (entries.length === 0) return say(unknown(params.address), set, parts.ids)
        return { success: true, address: named ?? '', data: entries.map(entryView), has_more: false } as const
      },
      { ...GET_ENTRIES },
    )
}

function changeRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ name: 'suppressions-change', normalize: false })
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
      { body: EntryBody, ...ADD_ENTRY },
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
      { body: BulkBody, ...ADD_ENTRIES },
    )
    .delete(
      '/:address',
      async ({ params, request, set }) => {
        const { key } = callerOf(request)
        const named = nameIn(params.address)
        const query = readQuery(request, RemoveQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const scope = scopeIn(query.value.scope)
        const entries = await entriesOf(parts, key.accountId, named)
        const found = entries.filter((entry) => scope === null || entry.scope === scope).length
        if (named === null || found === 0) return say(unknown(params.address), set, parts.ids)
        if (key.mode === 'test') return { success: true, removed: found } as const
        const removed = await parts.suppression.remove(key.accountId, named, scope)
        if (!removed.ok) return say(fromRefusal(storeRefusal(removed.error)), set, parts.ids)
        return { success: true, removed: removed.value } as const
      },
      { ...REMOVE_ENTRIES },
    )
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

/** Null: all of them. */
const scopeIn = (said: string | undefined) => (said === undefined ? null : parseScope(said))

function readList(
  request: Request,
  account: AccountId,
  { clock }: ApiParts,
): Result<SuppressionListAsk, Problem> {
  const query = readQuery(request, ListQuery)
  if (!query.ok) return query
  const said = query.value
  const after = said.after === undefined ? null : readPageMark(said.after)
  if (said.after !== undefined && after === null) {
    return fault(invalid('after', 'is no value that "next" had'))
  }
  const before = said.before === undefined ? null : readPageMark(said.before)
  if (said.before !== undefined && before === null) {
    return fault(invalid('before', 'is no value that "previous" had'))
  }
  // As entries have it: in A-labels. It goes into a pattern, where `_` would mean any letter.
  const domain = said.domain === undefined ? null : parseDomain(said.domain)
  if (domain !== null && !domain.ok) return fault(invalid('domain', 'is no domain'))
  const now = said.include_expired ? null : clock.now()
  return ok({
    account,
    limit: said.limit ?? 100,
    after,
    before,
    reason: said.reason ?? null,
    scope: scopeIn(said.scope),
    domain: domain?.value ?? null,
    now,
  })
}
