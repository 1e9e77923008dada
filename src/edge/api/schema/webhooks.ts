//
// Owns: the bodies of /v1/webhooks as schemas. `description` says what was wanted when it fails.

import { t } from 'elysia'

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
const note = t.String({ maxLength: 500, description: 'a text of at most 500 characters' })

export const NewWebhookBody = t.Object({ url, events: t.Optional(events), note: t.Optional(note) }, strict)

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
