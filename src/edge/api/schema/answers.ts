//
// Owns: the shapes that answers of every resource share: a list, a single thing, a time, something that may be null.
// Answers are made by views; these schemas say what they look like, and tests hold the one against the other.

import { type IntegerOptions, type TObject, type TProperties, Type } from '@sinclair/typebox'
import { type TSchema, t } from 'elysia'

export const nullable = <S extends TSchema>(schema: S, said: { readonly description?: string } = {}) =>
  t.Union([schema, t.Null()], said)

/** As answers have it; what requests take is wider. */
export const instant = (description?: string) =>
  t.String({
    pattern: '^\\d{4,6}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z$',
    examples: ['2027-01-15T10:30:00.000Z'],
    ...(description === undefined ? {} : { description }),
  })

export const words = <W extends string>(all: readonly W[], description?: string) =>
  t.Union(
    all.map((word) => t.Literal(word)),
    description === undefined ? {} : { description },
  )

/** Not `t.Integer`, which takes texts of digits too. */
export const whole = (said: IntegerOptions = {}) => Type.Integer(said)

const SUCCESS = { success: t.Literal(true) }

/** `{"success": true, …}` */
export const done = <P extends TProperties>(more: P) => t.Object({ ...SUCCESS, ...more })

/** `{"success": true, "<noun>": {…}}` */
export const single = (noun: string, schema: TSchema, more: TProperties = {}): TObject =>
  t.Object({ ...SUCCESS, [noun]: schema, ...more })

/** `{"success": true, "data": […], "has_more": …}` */
export const listOf = (item: TSchema, more: TProperties = {}): TObject =>
  t.Object({
    ...SUCCESS,
    data: t.Array(item),
    has_more: t.Boolean({ description: 'Whether a further page follows.' }),
    ...more,
  })

/** Of lists whose entries have no mark of their own. */
export const marks = {
  next: nullable(t.String(), { description: 'What `after` of the page behind is; null: there is none yet.' }),
  previous: nullable(t.String(), {
    description: 'What `before` of the page in front is; null: there is none yet.',
  }),
}
