//
// Owns: /v1/events: what happened to an account's mail, page by page, and as it happens.

import { Elysia, type Static } from 'elysia'
import { parseMailbox } from '../../../core/address.ts'
import { type AccountId, parseMessageId } from '../../../core/ids.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { SECOND } from '../../../core/time.ts'
import { parseCursor } from '../../../services/webhooks/view.ts'
import type { EventAsk } from '../../../store/event-store.ts'
import { stillAdmitted } from '../admission.ts'
import { logPage } from '../log-page.ts'
import { EventsQuery, LIST_EVENTS, STREAM_EVENTS, StreamQuery } from '../operations/events.ts'
import type { ApiParts } from '../parts.ts'
import type { AtTheDoor } from '../person.ts'
import type { Problem } from '../problem.ts'
import { invalid, timeIn } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'

const NO_STREAM: Problem = {
  code: 'too_many_requests',
  message: 'Too many streams are open; 20 of an account are served.',
  retryAfter: 10 * SECOND,
}

export function eventRoutes(parts: ApiParts, { callerOf, peerOf }: AtTheDoor) {
  return new Elysia({ prefix: '/v1/events', name: 'events', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const query = readQuery(request, EventsQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const ask = readAsk(query.value, callerOf(request).key.accountId)
        if (!ask.ok) return say(ask.error, set, parts.ids)
        const page = await logPage(parts, ask.value, query.value)
        return page.ok ? page.value : say(page.error, set, parts.ids)
      },
      { ...LIST_EVENTS },
    )
    .get(
      '/stream',
      async ({ request, set }) => {
        const query = readQuery(request, StreamQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        // A browser that comes again says it in the header; whoever comes for the first time may say it in the query.
        const named = request.headers.get('last-event-id') ?? query.value.after ?? null
        const after = named === null ? null : parseCursor(named)
        if (named !== null && after === null)
          return say(invalid('Last-Event-ID', 'is no place of the log'), set, parts.ids)
        const { accountId } = callerOf(request).key
        const stream = await parts.streams.open({
          account: accountId,
          after,
          types: query.value.type ?? [],
          stands: () => stillAdmitted({ request, peer: peerOf(request) }, parts),
        })
        if (!stream.ok) return say(NO_STREAM, set, parts.ids)
        return new Response(stream.value.pipeThrough(new TextEncoderStream()), {
          headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' },
        })
      },
      { ...STREAM_EVENTS },
    )
}

function readAsk(
  said: Static<typeof EventsQuery>,
  account: AccountId,
): Result<Omit<EventAsk, 'after'>, Problem> {
  const since = timeIn(said.since, 'since')
  if (!since.ok) return since
  const until = timeIn(said.until, 'until')
  if (!until.ok) return until
  const of = readWhose(said)
  if (!of.ok) return of
  return ok({
    account,
    order: said.order ?? 'asc',
    limit: said.limit ?? 100,
    types: said.type ?? [],
    since: since.value,
    until: until.value,
    ...of.value,
  })
}

function readWhose(
  query: Static<typeof EventsQuery>,
): Result<Pick<EventAsk, 'messageId' | 'recipient'>, Problem> {
  const message = query.message_id
  const messageId = message === undefined ? null : parseMessageId(message)
  if (message !== undefined && messageId === null)
    return fault(invalid('message_id', 'is no id of a message'))
  const address = query.recipient
  const recipient = address === undefined ? null : parseMailbox(address)
  if (recipient?.ok === false) return fault(invalid('recipient', 'is no address'))
  return ok({ messageId, recipient: recipient?.ok ? recipient.value : null })
}
