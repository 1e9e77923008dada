//
// Owns: the bodies and queries of /v1/suppressions as schemas, and its answers. `description` says what was wanted when it fails.

import { t } from 'elysia'
import { REASONS } from '../../../services/suppression/by-hand.ts'
import { limitParameter } from '../read-query.ts'
import { done, instant, listOf, marks, nullable, single, whole, words } from './answers.ts'

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

const SCOPE = '^(all|marketing|list:[A-Za-z0-9_.-]{1,64})$'
const scope = t.String({
  pattern: SCOPE,
  description: '"all", "marketing" or "list:<id>"',
  examples: ['all', 'marketing', 'list:news.weekly'],
})

export const ListQuery = t.Object({
  limit: limitParameter({ usual: 100, most: 1000 }),
  after: t.Optional(t.String({ description: 'The `next` of the page before.', examples: [] })),
  before: t.Optional(t.String({ description: 'The `previous` of the page behind.', examples: [] })),
  reason: t.Optional(words(REASONS)),
  scope: t.Optional(scope),
  domain: t.Optional(t.String({ description: 'a domain such as "example.net"', examples: ['example.net'] })),
  include_expired: t.Optional(
    t.Boolean({ default: false, description: 'Whether entries that ended are shown too.' }),
  ),
})
export const RemoveQuery = t.Object({ scope: t.Optional(scope) })
export const AddressPath = t.Object({
  address: t.String({
    description: 'An address, percent-encoded where needed.',
    examples: ['ada@example.net'],
  }),
})

export const Entry = t.Object(
  {
    address: t.String({ examples: ['ada@example.net'] }),
    scope,
    reason: words(REASONS),
    note: t.String({ description: 'For people.' }),
    event_id: nullable(t.String(), { description: 'The event that caused it; null: it was put by hand.' }),
    created_at: instant(),
    expires_at: nullable(instant(), { description: 'Null: for ever.' }),
  },
  { title: 'Suppression' },
)
export const Entries = listOf(Entry, marks)
export const EntryAnswer = single('suppression', Entry)
export const OfAddress = done({ address: t.String(), data: t.Array(Entry), has_more: t.Literal(false) })
export const Added = done({
  added: whole({ minimum: 0 }),
  failed: t.Array(t.Object({ index: whole({ minimum: 0 }), field: t.String(), message: t.String() }), {
    description: 'What could not be read, by its place in `entries`.',
  }),
})
export const Removed = done({ removed: whole({ minimum: 0 }) })
