//
// Owns: the bodies of /v1/suppressions as schemas. `description` says what was wanted when it fails.

import { t } from 'elysia'

/** More at once would hold the writer longer than other mail should wait. */
export const MAX_BULK = 1000
const strict = { additionalProperties: false } as const

export const EntryBody = t.Object(
  {
    address: t.String({ maxLength: 1000, description: 'an address such as "a@example.com"' }),
    scope: t.Optional(t.String({ maxLength: 80, description: '"all", "marketing" or "list:<id>"' })),
    reason: t.Optional(
      t.String({
        maxLength: 40,
        description: '"manual", "import", "hard_bounce", "complaint" or "unsubscribe"',
      }),
    ),
    note: t.Optional(t.String({ maxLength: 500, description: 'a text of at most 500 characters' })),
    expires_at: t.Optional(
      t.Union([t.String({ maxLength: 40 }), t.Null()], {
        description: 'a time such as "2027-01-15T10:30:00Z", or null',
      }),
    ),
  },
  strict,
)

export const BulkBody = t.Object(
  {
    entries: t.Array(EntryBody, {
      minItems: 1,
      maxItems: MAX_BULK,
      description: `a list of 1 to ${MAX_BULK} entries`,
    }),
  },
  strict,
)
