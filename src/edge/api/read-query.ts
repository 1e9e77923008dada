//
// Owns: reading the parameters of a query by the very schema that the OpenAPI document shows, so that what is documented
// and what is taken cannot differ. Whole numbers, true and false, and lists with commas are read as what they are.

import type { TObject } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type Static, type TSchema, t } from 'elysia'
import { nearest } from '../../core/nearest.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Problem } from './problem.ts'
import { invalid } from './query.ts'
import { whole } from './schema/answers.ts'

/** No parameters at all. */
export const NO_QUERY = t.Object({}, { additionalProperties: false })

/** `limit` of a list; `usual` is what it is when it is not said. */
export const limitParameter = ({ usual, most }: { readonly usual: number; readonly most: number }) =>
  t.Optional(whole({ minimum: 1, maximum: most, default: usual, description: `From 1 to ${most}.` }))

/** Parameters that were not given are absent, or their `default`. The first that is wrong is named. */
export function readQuery<S extends TObject>(request: Request, schema: S): Result<Static<S>, Problem> {
  const query = new URL(request.url).searchParams
  const known = Object.keys(schema.properties)
  const said: Record<string, unknown> = {}
  for (const name of query.keys()) {
    const shown = name.slice(0, 60).toWellFormed()
    const parameter = schema.properties[name]
    if (parameter === undefined || !known.includes(name)) return fault(unknown(shown, known))
    if (query.getAll(name).length > 1) return fault(invalid(shown, 'is given twice'))
    const value = meantBy(query.get(name) ?? '', parameter)
    if (!Value.Check(parameter, value)) return fault(invalid(shown, wish(parameter)))
    said[name] = value
  }
  if ('after' in said && 'before' in said) return fault(invalid('before', 'does not go with after'))
  for (const name of known) {
    if (name in said) continue
    const parameter = schema.properties[name] as TSchema
    if (parameter.default !== undefined) said[name] = parameter.default
    else if (schema.required?.includes(name)) return fault(invalid(name, 'is required'))
  }
  return ok(said as Static<S>)
}

function unknown(name: string, known: readonly string[]): Problem {
  if (known.length === 0) return invalid(name, 'is not a known parameter; there are none here')
  const near = nearest(name, known)
  const list = `known: ${known.join(', ')}`
  return invalid(name, `is not a known parameter; ${near ? `did you mean ${near}? ` : ''}${list}`)
}

/** What cannot be read as its type stays text, which the check then refuses. */
function meantBy(text: string, schema: TSchema): unknown {
  switch (schema['type']) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'array':
      return text.split(',').map((part) => part.trim())
    default:
      return text
  }
}

function wish(schema: TSchema): string {
  const words = wordsOf(schema['type'] === 'array' ? (schema['items'] as TSchema) : schema)
  if (words.length > 0) return `is none of ${words.join(', ')}`
  if (schema['type'] === 'integer') {
    return `wants a whole number from ${schema['minimum'] ?? 0} to ${schema['maximum'] ?? Number.MAX_SAFE_INTEGER}`
  }
  if (schema['type'] === 'boolean') return 'wants true or false'
  const { description = 'a text', examples } = schema
  // A sentence is for the reference; here goes what ends one.
  return description.endsWith('.') && examples?.[0]
    ? `wants one such as ${examples[0]}`
    : `wants ${description}`
}

const wordsOf = (schema: TSchema): readonly string[] =>
  Array.isArray(schema['anyOf'])
    ? schema['anyOf'].flatMap((one: TSchema) => (typeof one['const'] === 'string' ? [one['const']] : []))
    : []
