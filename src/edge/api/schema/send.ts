//
// Owns: the body of POST /v1/email/send (api.md A and B) as a schema. `description` says what was wanted when it fails.

import { type Static, t } from 'elysia'

const MAX_RECIPIENTS = 50_000
/** A tag is a name to count by: it stands in logs, tables and webhooks, and must stay one line there. */
const TAG = '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]{1,128}$'
const strict = { additionalProperties: false } as const
const mailbox = (description = 'an address such as "a@example.com" or "Name <a@example.com>"') =>
  t.String({ maxLength: 1000, description })
const recipients = t.Union(
  [
    mailbox(),
    t.Array(mailbox(), { minItems: 1, maxItems: MAX_RECIPIENTS, description: 'a list of addresses' }),
  ],
  { description: 'an address or a list of addresses' },
)

export const Attachment = t.Object(
  {
    filename: t.String({
      minLength: 1,
      maxLength: 255,
      description: 'a file name of at most 255 characters',
    }),
    content: t.String({ description: 'the file in base64' }),
    content_type: t.Optional(t.String({ maxLength: 255, description: 'a media type such as "image/png"' })),
    content_id: t.Optional(
      t.String({ minLength: 1, maxLength: 255, description: 'the name that html uses after "cid:"' }),
    ),
  },
  strict,
)

export const SendBody = t.Object(
  {
    from: mailbox(),
    to: recipients,
    cc: t.Optional(recipients),
    bcc: t.Optional(recipients),
    reply_to: t.Optional(recipients),
    subject: t.Optional(t.String({ maxLength: 10_000, description: 'a text of at most 10,000 characters' })),
    html: t.Optional(t.String({ description: 'a text' })),
    text: t.Optional(t.String({ description: 'a text' })),
    template_id: t.Optional(t.String({ description: 'the id of a template' })),
    data: t.Optional(
      t.Record(t.String(), t.Unknown(), { description: 'an object with the values of merge tags' }),
    ),
    headers: t.Optional(
      t.Record(t.String(), t.String({ maxLength: 10_000 }), {
        description: 'an object of header names and values',
      }),
    ),
    attachments: t.Optional(
      t.Array(Attachment, { maxItems: 100, description: 'a list of at most 100 attachments' }),
    ),
    tags: t.Optional(
      t.Array(t.String({ pattern: TAG, description: 'a text of 1 to 128 characters without line breaks' }), {
        maxItems: 20,
        description: 'a list of at most 20 tags',
      }),
    ),
    custom: t.Optional(t.Record(t.String(), t.Unknown(), { description: 'an object of at most 2 KB' })),
    track_opens: t.Optional(t.Boolean({ description: 'true or false' })),
    track_clicks: t.Optional(t.Boolean({ description: 'true or false' })),
    stream: t.Optional(
      t.Union([t.Literal('transactional'), t.Literal('marketing')], {
        description: '"transactional" or "marketing"',
      }),
    ),
    campaign: t.Optional(
      t.String({ pattern: TAG, description: 'a text of 1 to 128 characters without line breaks' }),
    ),
    expires_after: t.Optional(t.String({ description: 'a duration from "10m" to "5d"' })),
    scheduled_at: t.Optional(
      t.String({
        maxLength: 60,
        description: 'a time with its offset such as "2027-01-15T10:30:00Z", at most a year ahead',
      }),
    ),
    list: t.Optional(t.String({ maxLength: 200, description: 'a label of a list such as "news.weekly"' })),
    list_unsubscribe: t.Optional(
      t.Union(
        [
          t.Boolean(),
          t.Object(
            {
              url: t.Optional(t.String({ maxLength: 1000, description: 'an https URL' })),
              mailto: t.Optional(t.String({ maxLength: 1000, description: 'an address' })),
            },
            strict,
          ),
        ],
        { description: 'true, false or {"url", "mailto"}' },
      ),
    ),
    ip_pool: t.Optional(t.String({ maxLength: 63, description: 'the name of a pool of addresses' })),
  },
  strict,
)

export type SendBody = Static<typeof SendBody>
