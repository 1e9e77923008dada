//
// Owns: GET /v3/{domain}/events: Mailgun's log of what happened, page by page, out of GET /v1/events.

import { fault, ok, type Result } from '../../../core/result.ts'
import type { FieldFault } from '../../../services/submission/refusal.ts'
import type { eventView } from '../../../services/webhooks/view.ts'
import { notAvailable, wrong } from '../trouble.ts'
import type { Answer, Ask } from '../vendor.ts'
import { ALL_TYPES, EVENT_NAMES, itemView, typesOf } from './answers.ts'

interface Page {
  readonly data: readonly ReturnType<typeof eventView>[]
  readonly next: string | null
}

const MOST = 300

export async function events(ask: Ask): Promise<Answer> {
  const [domain = '', mark] = ask.params
  const read = mark === undefined ? readQuery(ask.url.searchParams) : readMark(mark)
  if (!read.ok) return { trouble: wrong([read.error]) }
  const query = read.value
  const page = await ask.native.ask<Page>({ method: 'GET', path: `/v1/events?${query}` })
  if (!page.ok) return { trouble: page.error }
  const { data, next } = page.value
  const link = (after: string | null): string => {
    const other = new URLSearchParams(query)
    if (after === null) other.delete('after')
    else other.set('after', after)
    const base = `${ask.url.origin}/compat/mailgun/v3/${encodeURIComponent(domain)}/events/`
    return base + Buffer.from(other.toString()).toString('base64url')
  }
  const first = link(null)
  return Response.json({
    items: data.map((event) => itemView(event, domain)),
    // The log is read in one direction: what lies before is where it began.
    paging: {
      first,
      previous: first,
      next: link(next ?? query.get('after')),
      last: link(next ?? query.get('after')),
    },
  })
}

const bad = (path: string, message: string): Result<never, FieldFault> => fault(notAvailable(path, message))

/** What a link of ours holds is checked by /v1/events as anybody's query is. */
const readMark = (mark: string): Result<URLSearchParams, FieldFault> =>
  ok(new URLSearchParams(Buffer.from(mark, 'base64url').toString()))

function readQuery(params: URLSearchParams): Result<URLSearchParams, FieldFault> {
  const query = new URLSearchParams({ order: 'desc', type: ALL_TYPES })
  for (const [name, value] of params) {
    const said = readOne(name, value)
    if (!said.ok) return said
    const [own, text] = said.value
    query.set(own, text)
  }
  if (params.has('severity')) {
    if (params.get('event') !== 'failed') return bad('severity', 'goes with event=failed alone')
    query.set(
      'type',
      params.get('severity') === 'temporary' ? 'email.deferred' : 'email.bounced,email.suppressed',
    )
  }
  return ok(query)
}

type Own = readonly [name: string, value: string]

function readOne(name: string, value: string): Result<Own, FieldFault> {
  switch (name) {
    case 'event': {
      const types = value.split(/\s+OR\s+/).map((one) => typesOf(one.trim()))
      if (types.some((one) => one.length === 0))
        return bad('event', `wants ${EVENT_NAMES.join(', ')}, joined by OR`)
      return ok(['type', types.flat().join(',')])
    }
    case 'message-id':
      return ok(['message_id', value.replace(/^<|@.*$|>$/gs, '')])
    case 'recipient':
    case 'to':
      return ok(['recipient', value])
    case 'limit':
      return ok(['limit', String(Math.min(Number(value), MOST))])
    case 'ascending':
      return ok(['order', value === 'yes' ? 'asc' : 'desc'])
    case 'begin':
    case 'end': {
      const at = /^\d{9,11}(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value)
      if (Number.isNaN(at)) return bad(name, 'is no time')
      return ok([name === 'begin' ? 'since' : 'until', new Date(at).toISOString()])
    }
    case 'severity':
      if (value === 'temporary' || value === 'permanent') return ok(['order', 'desc'])
      return bad('severity', 'wants temporary or permanent')
    default:
      return bad(name, 'is not looked for here; use GET /v1/events or GET /v1/email')
  }
}
