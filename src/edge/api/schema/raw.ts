//
// Owns: what POST /v1/email/raw takes: a message as it is beside its envelope in the query, or both in JSON.

import { TypeCompiler } from '@sinclair/typebox/compiler'
import { type Static, t } from 'elysia'
import { once } from '../../../core/once.ts'

const strict = { additionalProperties: false } as const
const MAX_RECIPIENTS = 50_000
const address = (description: string) => t.String({ maxLength: 1000, description })

export const RawQuery = t.Object(
  {
    from: t.Optional(address('The reverse-path, such as "shop@example.com": whom bounces concern.')),
    to: t.Optional(
      t.Array(address('an address'), {
        minItems: 1,
        description: 'Who gets it, with commas between; what its header says decides nothing.',
        examples: [['ada@example.net']],
      }),
    ),
  },
  strict,
)

export const RawBody = t.Object(
  {
    from: address('an address such as "a@example.com"'),
    to: t.Union(
      [
        address('an address'),
        t.Array(address('an address'), {
          minItems: 1,
          maxItems: MAX_RECIPIENTS,
          description: 'a list of addresses',
        }),
      ],
      { description: 'an address or a list of addresses' },
    ),
    raw: t.String({ minLength: 1, description: 'the message (RFC 5322) in base64' }),
  },
  strict,
)
export type RawBody = Static<typeof RawBody>

export const rawCheck = once(() => TypeCompiler.Compile(RawBody))
