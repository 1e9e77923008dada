//
// Owns: the bodies, queries and answers of /v1/inbound as schemas. `description` says what was wanted when it fails.

import { t } from 'elysia'
import { limitParameter } from '../read-query.ts'
import { done, instant, listOf, nullable, single, whole, words } from './answers.ts'

const strict = { additionalProperties: false } as const
const target = t.String({ minLength: 1, maxLength: 2000, description: 'an address or a URL' })

export const NewRouteBody = t.Object(
  {
    pattern: t.String({
      minLength: 1,
      maxLength: 320,
      description: 'an address such as "support@example.com", or "*@example.com"',
    }),
    action: t.Union([t.Literal('forward'), t.Literal('webhook')], { description: '"forward" or "webhook"' }),
    target,
  },
  strict,
)

export const RouteChangeBody = t.Object(
  {
    target: t.Optional(target),
    state: t.Optional(
      t.Union([t.Literal('open'), t.Literal('closed')], { description: '"open" or "closed"' }),
    ),
  },
  strict,
)

export const RoutePath = t.Object({
  id: t.String({ description: 'The id of a route.', examples: ['rte_mwsuuzu20001'] }),
})
const mark = t.String({ pattern: '^rte_[0-9a-z]{12}$', description: 'the id of a route', examples: [] })
export const RoutesQuery = t.Object({
  limit: limitParameter({ usual: 50, most: 200 }),
  after: t.Optional(mark),
  before: t.Optional(mark),
})

export const Route = t.Object(
  {
    id: t.String({ examples: ['rte_mwsuuzu20001'] }),
    pattern: t.String({
      description: 'Whose mail; `*` is every local part.',
      examples: ['support@example.com'],
    }),
    action: words(['forward', 'webhook']),
    target: t.String({ examples: ['https://shop.example/mail'] }),
    state: words(
      ['open', 'closed'],
      'Mail for a closed one is refused: its webhook said 410, or somebody closed it.',
    ),
    created_at: instant(),
  },
  { title: 'InboundRoute' },
)
export const RouteAnswer = single('route', Route)
export const MadeRoute = single('route', Route, {
  secret: nullable(t.String(), { description: 'Of a webhook; told this once.' }),
})
export const Routes = listOf(Route)
export const TestedRoute = done({
  post_id: t.String(),
  taken: t.Boolean({ description: 'Whether the answer was 2xx.' }),
  status: nullable(whole()),
  error: nullable(t.String()),
  took_ms: whole({ minimum: 0 }),
})
