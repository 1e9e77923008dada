//
// Owns: the bodies, queries and answers of /v1/webhooks as schemas. `description` says what was wanted when it fails.

import { t } from 'elysia'
import { EVENT_TYPES, WEBHOOK_FORMATS } from '../../../core/webhook.ts'
import { limitParameter } from '../read-query.ts'
import { done, instant, listOf, marks, nullable, single, whole, words } from './answers.ts'

const strict = { additionalProperties: false } as const
const time = t.String({ maxLength: 40, description: 'a time such as "2027-01-15T10:30:00Z"' })

const url = t.String({
  minLength: 1,
  maxLength: 2000,
  description: 'an address such as "https://shop.example/hooks"',
})
const events = t.Array(
  t.String({ maxLength: 60, description: 'the name of an event such as "email.delivered"' }),
  {
    maxItems: 50,
    description: 'a list of names of events',
  },
)
const format = words(WEBHOOK_FORMATS, `one of ${WEBHOOK_FORMATS.join(', ')}`)
const note = t.String({ maxLength: 500, description: 'a text of at most 500 characters' })

export const NewWebhookBody = t.Object(
  { url, events: t.Optional(events), note: t.Optional(note), format: t.Optional(format) },
  strict,
)

export const ChangeBody = t.Object(
  {
    url: t.Optional(url),
    events: t.Optional(events),
    note: t.Optional(note),
    state: t.Optional(
      t.Union([t.Literal('enabled'), t.Literal('disabled')], { description: '"enabled" or "disabled"' }),
    ),
  },
  strict,
)

export const ReplayBody = t.Object(
  {
    event_id: t.Optional(t.String({ maxLength: 40, description: 'the id of an event' })),
    since: t.Optional(time),
    until: t.Optional(time),
  },
  strict,
)

export const WebhookPath = t.Object({
  id: t.String({ description: 'The id of a webhook.', examples: ['whk_mwsuuzu20001'] }),
})
export const PostsQuery = t.Object({
  limit: limitParameter({ usual: 50, most: 200 }),
  after: t.Optional(t.String({ description: 'The `next` of the page before.', examples: [] })),
  before: t.Optional(t.String({ description: 'The `previous` of the page behind.', examples: [] })),
  state: t.Optional(words(['waiting', 'taken', 'given_up'])),
})

export const Webhook = t.Object(
  {
    id: t.String({ examples: ['whk_mwsuuzu20001'] }),
    url: t.String({ examples: ['https://shop.example/hooks'] }),
    events: t.Array(words(EVENT_TYPES)),
    format: words(WEBHOOK_FORMATS, 'In whose words events are told.'),
    note: t.String({ description: 'For people.' }),
    state: words(['enabled', 'disabled']),
    reason: t.String({ description: 'Why it is disabled; empty else.' }),
    created_at: instant(),
    failing_since: nullable(instant(), { description: 'Since when no post was taken.' }),
  },
  { title: 'Webhook' },
)
const secret = t.String({ description: 'Told this once.', examples: ['whsec_…'] })

export const Webhooks = listOf(Webhook)
export const WebhookAnswer = single('webhook', Webhook)
export const MadeWebhook = single('webhook', Webhook, { secret })
export const RotatedWebhook = single('webhook', Webhook, {
  secret,
  previous_until: instant('The secret before signs as well until then.'),
})
export const TestedWebhook = done({
  event_id: t.String(),
  taken: t.Boolean({ description: 'Whether the answer was 2xx.' }),
  status: nullable(whole()),
  error: nullable(t.String()),
  response: nullable(t.String()),
  took_ms: whole({ minimum: 0 }),
})
export const Replayed = done({
  replayed: whole({ minimum: 0 }),
  next: nullable(instant(), { description: 'There is more: ask again with this as `since`.' }),
})
export const Posts = listOf(
  t.Object(
    {
      event_id: t.String(),
      replay: whole({ minimum: 0 }),
      message_id: nullable(t.String()),
      state: words(['waiting', 'taken', 'given_up']),
      next_attempt_at: nullable(instant()),
      created_at: instant(),
      finished_at: nullable(instant()),
      body: t.Unknown({ description: 'As it was posted.' }),
      attempts: t.Array(
        t.Object({
          number: whole({ minimum: 1 }),
          at: instant(),
          took_ms: whole({ minimum: 0 }),
          status: nullable(whole()),
          error: nullable(t.String()),
          request: t.Unknown(),
          response: t.Unknown(),
        }),
      ),
    },
    { title: 'Post' },
  ),
  marks,
)
