//
// Owns: the body of POST /v1/email/batch: fields that its messages have in common, and the messages. What one message may
// have is checked message by message (batch.ts), so that one mistake refuses one of them.

import { Kind, type TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { type Static, t } from 'elysia'
import { once } from '../../../core/once.ts'
import { SendBody } from './send.ts'

export const MAX_MESSAGES = 500

const strict = { additionalProperties: false } as const
const { to, cc, bcc, ...common } = SendBody.properties
const optional = t.Partial(t.Object(common)).properties

/** As a send, but for what stands above the messages. */
export const BatchMessage = t.Object({ to, cc, bcc, ...optional }, strict)
export type BatchMessage = Static<typeof BatchMessage>

/** Shown as it is, and checked by nobody here. */
const unchecked = <S extends TSchema>(schema: S): S => ({ ...schema, [Kind]: 'Any' })

export const BatchBody = t.Object(
  {
    ...optional,
    messages: t.Array(unchecked(BatchMessage), {
      minItems: 1,
      maxItems: MAX_MESSAGES,
      description: `a list of 1 to ${MAX_MESSAGES} messages`,
    }),
    mode: t.Optional(
      t.Union([t.Literal('permissive'), t.Literal('strict')], { description: '"permissive" or "strict"' }),
    ),
  },
  strict,
)
export type BatchBody = Static<typeof BatchBody>

export const messageCheck = once(() => TypeCompiler.Compile(BatchMessage))
