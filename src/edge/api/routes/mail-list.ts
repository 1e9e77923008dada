//
// Owns: GET /v1/email: an account's mail, listed and searched; and a message's events, page by page.

import { Elysia } from 'elysia'
import { parseMessageId } from '../../../core/ids.ts'
import type { Clock } from '../../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../../core/time.ts'
import { readSearch } from '../../../services/search/ask.ts'
import type { Finding } from '../../../services/search/finding.ts'
import type { FoundMessage, SearchPage } from '../../../store/search-store.ts'
import { logPage } from '../log-page.ts'
import { LIST_EVENTS_OF_MESSAGE, MessageEventsQuery } from '../operations/events.ts'
import { LIST_MAIL, MailQuery } from '../operations/mail-list.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { noSuch, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { overall } from '../view.ts'

export interface MailListParts extends Pick<ApiParts, 'events' | 'ids' | 'messages'> {
  readonly finding: Pick<Finding, 'find'>
  readonly clock: Pick<Clock, 'now'>
}

const BUSY: Problem = {
  code: 'storage_busy',
  message: 'Too many searches are under way. Come again in a moment.',
  retryAfter: SECOND,
}

export function mailListRoutes(parts: MailListParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/email', name: 'mail-list', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const query = readQuery(request, MailQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const now = parts.clock.now()
        const { limit = 50, ...words } = query.value
        const ask = readSearch(words, { account: callerOf(request).key.accountId, limit, now })
        if (!ask.ok) return say(invalid(ask.error.path, ask.error.message), set, parts.ids)
        const page = await parts.finding.find(ask.value)
        if (!page.ok) return say(BUSY, set, parts.ids)
        return pageView(page.value, now)
      },
      { ...LIST_MAIL },
    )
    .get(
      '/:id/events',
      async ({ params, request, set }) => {
        const query = readQuery(request, MessageEventsQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const { accountId } = callerOf(request).key
        const named = params.id ?? ''
        const id = parseMessageId(named)
        const message = id ? await parts.messages.get(id, accountId) : null
        if (!message) return say(noSuch('message', named), set, parts.ids)
        const { limit = 100, order = 'asc', type: types = [], ...marks } = query.value
        const ask = { account: accountId, order, limit, types, messageId: message.id } as const
        const page = await logPage(parts, { ...ask, since: null, until: null, recipient: null }, marks)
        return page.ok ? page.value : say(page.error, set, parts.ids)
      },
      { ...LIST_EVENTS_OF_MESSAGE },
    )
}

const pageView = ({ found, lookedTo, more }: SearchPage, now: Milliseconds) => ({
  success: true,
  data: found.map((one) => foundView(one, now)),
  has_more: more,
  searched_to: lookedTo,
})

function foundView(one: FoundMessage, now: Milliseconds) {
  // Nobody tries before its time.
  const waits = one.scheduledAt !== null && one.scheduledAt > now
  return {
    message_id: one.id,
    status: overall(
      [...one.states.keys()].map((state) => (waits && state === 'queued' ? 'scheduled' : state)),
    ),
    created_at: iso(one.createdAt),
    scheduled_at: one.scheduledAt === null ? null : iso(one.scheduledAt),
    from: one.from,
    subject: one.subject,
    stream: one.stream,
    tags: one.tags,
    campaign: one.campaign,
    test: one.mode === 'test',
    recipients: one.recipients.map(({ recipient, state }) => ({
      recipient,
      status: waits && state === 'queued' ? 'scheduled' : state,
    })),
    counts: Object.fromEntries(one.states),
  }
}

const iso = (at: Milliseconds): string => new Date(at).toISOString()
