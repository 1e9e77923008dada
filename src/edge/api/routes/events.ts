//
// Owns: /v1/events: what happened to an account's mail, page by page, and as it happens.

import { Elysia } from 'elysia'
import { parseMailbox } from '../../../core/address.ts'
import { type AccountId, parseMessageId } from '../../../core/ids.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { SECOND } from '../../../core/time.ts'
import { eventView, parseCursor, parseTypes } from '../../../services/webhooks/view.ts'
import type { EventAsk } from '../../../store/event-store.ts'
import type { ApiParts, Caller } from '../parts.ts'
import type { Problem } from '../problem.ts'
import { invalid, limitIn, stranger, timeIn, wordIn } from '../query.ts'
import { say } from '../say.ts'

const PAGE = { usual: 100, most: 1000 } as const
const KNOWN = ['type', 'message_id', 'recipient', 'since', 'until', 'order', 'after', 'limit']
const NO_STREAM: Problem = {
  code: 'too_many_requests',
  message: 'Too many streams are open; 20 of an account are served.',
  retryAfter: 10 * SECOND,
}

export function eventRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/events', name: 'events', normalize: false })
    .get('', async ({ request, set }) => {
      const ask = readAsk(new URL(request.url).searchParams, callerOf(request).key.accountId)
      if (!ask.ok) return say(ask.error, set, parts.ids)
      const page = await parts.events.page(ask.value)
      const ids = new Set(page.entries.map(({ event }) => event.messageId))
      const facts = await parts.events.messageFacts([...ids])
      return {
        success: true,
        data: page.entries.map((entry) => eventView(entry, facts.get(entry.event.messageId) ?? null)),
        has_more: !page.isEnd,
        next: page.next ?? ask.value.after,
      } as const
    })
    .get('/stream', async ({ request, set }) => {
      const query = new URL(request.url).searchParams
      const strange = stranger(query, ['type', 'after'])
      if (strange) return say(strange, set, parts.ids)
      const types = typesIn(query)
      if (!types.ok) return say(types.error, set, parts.ids)
      // A browser that comes again says it in the header; whoever comes for the first time may say it in the query.
      const named = request.headers.get('last-event-id') ?? query.get('after')
      const after = named === null ? null : parseCursor(named)
      if (named !== null && after === null)
        return say(invalid('Last-Event-ID', 'is no place of the log'), set, parts.ids)
      const { accountId } = callerOf(request).key
      const stream = await parts.streams.open({ account: accountId, after, types: types.value })
      if (!stream.ok) return say(NO_STREAM, set, parts.ids)
      return new Response(stream.value.pipeThrough(new TextEncoderStream()), {
        headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' },
      })
    })
}

function typesIn(query: URLSearchParams): Result<EventAsk['types'], Problem> {
  const named = query.get('type')
  const types = named === null ? [] : parseTypes(named)
  return types === null
    ? fault(invalid('type', 'names no event; want such as email.delivered,email.bounced'))
    : ok(types)
}

function readAsk(query: URLSearchParams, account: AccountId): Result<EventAsk, Problem> {
  const strange = stranger(query, KNOWN)
  if (strange) return fault(strange)
  const limit = limitIn(query, PAGE)
  if (!limit.ok) return limit
  const order = wordIn(query, 'order', ['asc', 'desc'] as const)
  if (!order.ok) return order
  const types = typesIn(query)
  if (!types.ok) return types
  const since = timeIn(query.get('since'), 'since')
  if (!since.ok) return since
  const until = timeIn(query.get('until'), 'until')
  if (!until.ok) return until
  const place = query.get('after')
  const after = place === null ? null : parseCursor(place)
  if (place !== null && after === null) return fault(invalid('after', 'is no value that "next" had'))
  const of = readWhose(query)
  if (!of.ok) return of
  return ok({
    account,
    order: order.value ?? 'asc',
    after,
    limit: limit.value,
    types: types.value,
    since: since.value,
    until: until.value,
    ...of.value,
  })
}

function readWhose(query: URLSearchParams): Result<Pick<EventAsk, 'messageId' | 'recipient'>, Problem> {
  const message = query.get('message_id')
  const messageId = message === null ? null : parseMessageId(message)
  if (message !== null && messageId === null) return fault(invalid('message_id', 'is no id of a message'))
  const address = query.get('recipient')
  const recipient = address === null ? null : parseMailbox(address)
  if (recipient?.ok === false) return fault(invalid('recipient', 'is no address'))
  return ok({ messageId, recipient: recipient?.ok ? recipient.value : null })
}
