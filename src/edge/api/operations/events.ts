//
// Owns: what the routes of /v1/events say of themselves.

import { t } from 'elysia'
import { EVENT_TYPES } from '../../../core/webhook.ts'
import { operation } from '../operation.ts'
import { limitParameter } from '../read-query.ts'
import { listOf, marks, words } from '../schema/answers.ts'
import { ListedEvent } from '../schema/event-answers.ts'
import { MessagePath } from '../schema/message-answers.ts'

const type = t.Optional(
  t.Array(words(EVENT_TYPES), { description: 'Separated by commas; all, when it is not given.' }),
)
const time = (description: string) =>
  t.Optional(t.String({ description, examples: ['2027-01-15T10:30:00Z', '2027-01-15'] }))

export const EventsQuery = t.Object({
  type,
  message_id: t.Optional(t.String({ pattern: '^msg_[0-9a-z]{12}$', description: 'an id of a message' })),
  recipient: t.Optional(t.String({ description: 'an address', examples: ['ada@example.net'] })),
  since: time('From this time on.'),
  until: time('Before this time.'),
  order: t.Optional(words(['asc', 'desc'], 'The oldest first (usual), or the newest.')),
  after: t.Optional(t.String({ description: 'The `next` of the page before.', examples: ['0'] })),
  before: t.Optional(t.String({ description: 'The `previous` of the page behind.', examples: ['0'] })),
  limit: limitParameter({ usual: 100, most: 1000 }),
})
export const StreamQuery = t.Object({
  type,
  after: t.Optional(t.String({ description: 'Goes on behind this place.', examples: ['0'] })),
})

export const LIST_EVENTS = operation({
  summary: 'List events',
  description: 'What happened to the account’s mail, as webhooks tell it.',
  query: EventsQuery,
  answers: { 200: { description: 'A page of the log.', schema: listOf(ListedEvent, marks) } },
})

export const MessageEventsQuery = t.Pick(EventsQuery, ['type', 'order', 'after', 'before', 'limit'])

export const LIST_EVENTS_OF_MESSAGE = operation({
  summary: 'List the events of a message',
  description: 'What happened to its recipients, as webhooks tell it.',
  params: MessagePath,
  query: MessageEventsQuery,
  answers: { 200: { description: 'A page of its events.', schema: listOf(ListedEvent, marks) } },
  problems: ['not_found'],
})

export const STREAM_EVENTS = operation({
  summary: 'Stream events',
  description: 'The same as it happens, as server-sent events; an account may have 20 streams open.',
  query: StreamQuery,
  headers: t.Object({
    'last-event-id': t.Optional(
      t.String({
        description: 'Goes on behind this place; browsers send it by themselves.',
        examples: ['0'],
      }),
    ),
  }),
  answers: { 200: { description: 'Events without end.', schema: null, contentType: 'text/event-stream' } },
})
