//
// Owns: the bodies, queries and answers of /v1/keys as schemas. `description` says what was wanted when it fails.

import { t } from 'elysia'
import { SCOPES } from '../../../core/access.ts'
import { limitParameter } from '../read-query.ts'
import { instant, listOf, nullable, single, words } from './answers.ts'

const strict = { additionalProperties: false } as const

const name = t.String({ minLength: 1, maxLength: 100, description: 'a name of 1 to 100 characters' })
const several = (what: string, most: number) =>
  t.Array(t.String({ maxLength: most, description: what }), { maxItems: 100, description: `a list: ${what}` })

const limits = {
  scopes: t.Optional(several(`one of ${SCOPES.join(', ')}`, 40)),
  domains: t.Optional(several('a domain such as "example.com"', 253)),
  addresses: t.Optional(several('an address such as "shop@example.com"', 254)),
  networks: t.Optional(several('a network such as "192.0.2.0/24"', 60)),
  expires_at: t.Optional(
    t.Union([t.String({ maxLength: 40 }), t.Null()], {
      description: 'a time such as "2027-01-15T10:30:00Z", or null for never',
    }),
  ),
}

export const NewKeyBody = t.Object(
  { name, mode: t.Optional(words(['live', 'test'], '"live" or "test"')), ...limits },
  strict,
)
export const ChangeKeyBody = t.Object({ name: t.Optional(name), ...limits }, strict)

export type LimitsBody = Omit<typeof ChangeKeyBody.static, 'name'>

export const KeyPath = t.Object({
  id: t.String({ description: 'The id of a key.', examples: ['key_mwsuuzu20001'] }),
})

const mark = (what: string) =>
  t.Optional(t.String({ maxLength: 40, description: `the id of the ${what}`, examples: [] }))
export const ListMarks = { after: mark('last of the page before'), before: mark('first of the page behind') }

export const KeysQuery = t.Object(
  {
    limit: limitParameter({ usual: 100, most: 500 }),
    ...ListMarks,
    state: t.Optional(words(['active', 'expired', 'revoked'])),
  },
  strict,
)

export const RotateQuery = t.Object(
  {
    overlap: t.Optional(
      t.String({
        maxLength: 10,
        description: 'for how long the secret before opens as well, such as 90s, 12h or 7d',
        default: '24h',
      }),
    ),
  },
  strict,
)

export const RevokeQuery = t.Object({ queued: t.Optional(words(['keep', 'hold', 'drop'])) }, strict)

const Key = t.Object(
  {
    id: t.String({ examples: ['key_mwsuuzu20001'] }),
    name: t.String(),
    mode: words(['live', 'test']),
    prefix: t.String({ description: 'The first characters of the secret.', examples: ['mwk_live_a1b2'] }),
    state: words(['active', 'expired', 'revoked']),
    scopes: t.Array(words(SCOPES)),
    domains: t.Array(t.String(), { description: 'As which domains, and what is below them, it may write.' }),
    addresses: t.Array(t.String(), {
      description: 'As which From addresses it may write, beside those domains.',
    }),
    networks: t.Array(t.String(), { description: 'From where it opens; empty: from everywhere.' }),
    created_at: instant(),
    expires_at: nullable(instant()),
    last_used_at: nullable(instant('Within half a minute.')),
    last_used_from: nullable(t.String({ description: 'The address that used it last.' })),
    revoked_at: nullable(instant()),
  },
  { title: 'Key' },
)
const Secret = t.String({
  description: 'The whole key. It is shown here and never again.',
  examples: ['mwk_live_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcd'],
})

export const Keys = listOf(Key)
export const KeyAnswer = single('key', Key)
export const MadeKey = single('key', Key, { secret: Secret })
export const RotatedKey = single('key', Key, {
  secret: Secret,
  previous: Key,
})
