//
// Owns: POST /v1/suppressions/import: a list of any length, read as it comes.

import { Elysia } from 'elysia'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import {
  type ImportFault,
  type ImportTally,
  importEntries,
} from '../../../services/suppression/list-import.ts'
import { IMPORT_ENTRIES } from '../operations/suppression-import.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { pathOf } from '../path.ts'
import { fromRefusal, type Problem } from '../problem.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { ImportQuery } from '../schema/suppression-import.ts'

/** Octets; a million rows of a service's export have about a hundred each. */
export const MAX_IMPORT = 200_000_000

/** Its body is not read before the route does. */
export const isImport = ({ method, url }: Pick<Request, 'method' | 'url'>): boolean =>
  method === 'POST' && pathOf(url) === '/v1/suppressions/import'

export function suppressionImportRoutes(
  parts: Pick<ApiParts, 'suppression' | 'clock' | 'ids'>,
  callerOf: (request: Request) => Caller,
) {
  return new Elysia({ prefix: '/v1/suppressions', name: 'suppression-import', normalize: false }).post(
    '/import',
    async ({ request, set }) => {
      const { key } = callerOf(request)
      const wrong = typeFault(request)
      if (wrong) return say(wrong, set, parts.ids)
      const query = readQuery(request, ImportQuery)
      if (!query.ok) return say(query.error, set, parts.ids)
      const { from = null, kind = null, dry_run: wished } = query.value
      const dryRun = wished === true || key.mode === 'test'
      const done = await importEntries(piecesOf(request), {
        account: key.accountId,
        wish: { from, kind },
        now: parts.clock.now(),
        put: dryRun ? null : (entries) => parts.suppression.put(entries),
      })
      if (!done.ok) return say(problemOf(done.error), set, parts.ids)
      return { success: true, ...viewOf(done.value), dry_run: dryRun } as const
    },
    { ...IMPORT_ENTRIES },
  )
}

const viewOf = ({ from, rows, added, skipped, refused, failed }: ImportTally) => ({
  from,
  rows,
  added,
  skipped,
  refused,
  failed,
})

function typeFault({ headers }: Request): Problem | null {
  const type = headers.get('content-type')
  const coding = headers.get('content-encoding')
  if (type === null || !/^text\/(?:csv|plain)\s*(?:;|$)/i.test(type)) {
    const shown = type === null ? 'missing' : JSON.stringify(type.slice(0, 100).toWellFormed())
    return { code: 'unsupported_media_type', message: `Content-Type is ${shown}; want text/csv.` }
  }
  if (coding === null || coding.toLowerCase() === 'identity') return null
  return { code: 'unsupported_media_type', message: 'Content-Encoding is not taken; want the text as it is.' }
}

async function* piecesOf({ body }: Request): AsyncGenerator<Uint8Array> {
  if (body === null) return
  let octets = 0
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    octets += piece.byteLength
    if (octets > MAX_IMPORT) throw new Error(`it has more than ${MAX_IMPORT} octets`)
    yield piece
  }
}

function problemOf({ why, say: words, tally }: ImportFault): Problem {
  const done = `${tally.added} entries are in; the same file again does no harm.`
  if (why === 'unreadable') {
    return { code: 'malformed_csv', message: `The list cannot be read to its end: ${words}. ${done}` }
  }
  const refusal = fromRefusal(storeRefusal(why))
  return { ...refusal, message: `${refusal.message} ${done}` }
}
