//
// Owns: TypeBox's faults in the words of api.md B: `fields: [{path, code, message}]`, unknown fields with the nearest
// known one.

import type { TSchema } from '@sinclair/typebox'
import { nearest } from '../../core/nearest.ts'
import type { FieldFault } from '../../services/submission/refusal.ts'
import type { Problem } from './problem.ts'

/** As Elysia hands it over. */
export interface SchemaFault {
  readonly path: string
  readonly message: string
  readonly schema: TSchema
  readonly value: unknown
}

const MAX_FIELDS = 20

/** `whole`: what the schema is of. */
export function validationProblem(faults: Iterable<SchemaFault>, root: TSchema, whole = 'the body'): Problem {
  const fields: FieldFault[] = []
  const seen = new Set<string>()
  for (const each of faults) {
    const field = asField(each, root)
    // One field may fail several alternatives of a union; the first says enough.
    if (seen.has(field.path)) continue
    seen.add(field.path)
    fields.push(field)
    if (fields.length === MAX_FIELDS) break
  }
  const first = fields[0]
  return {
    code: 'validation_failed',
    message: first
      ? asSentence(`${first.path === '' ? whole : first.path} ${first.message}`)
      : 'The body is not as documented.',
    fields,
  }
}

const asSentence = (text: string): string => (text.endsWith('?') ? text : `${text}.`)

function asField({ path, message, schema, value }: SchemaFault, root: TSchema): FieldFault {
  const field = asPath(path)
  if (/unexpected property/i.test(message)) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const near = nearest(name, knownAt(root, path))
    return {
      path: field,
      code: 'unknown_field',
      message: near ? `is not a known field; did you mean ${near}?` : 'is not a known field',
    }
  }
  if (value === undefined) return { path: field, code: 'required', message: 'is required' }
  return { path: field, code: 'invalid', message: `is ${show(value)}; want ${wanted(schema, message)}` }
}

/** `/to/1` → `to[1]`, `/attachments/0/filename` → `attachments[0].filename`. */
export const asPath = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`),
      '',
    )

function wanted(schema: TSchema, message: string): string {
  const { description } = schema
  if (typeof description === 'string') return description
  if (schema['type'] === 'object') return 'a JSON object'
  return message.charAt(0).toLowerCase() + message.slice(1)
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text
}

function knownAt(root: TSchema, pointer: string): string[] {
  let at: unknown = root
  for (const part of pointer.split('/').slice(1, -1)) at = childOf(at, part)
  return Object.keys(propertiesOf(at))
}

function childOf(schema: unknown, part: string): unknown {
  if (/^\d+$/.test(part) && isObject(schema) && 'items' in schema) return schema['items']
  return propertiesOf(schema)[part]
}

function propertiesOf(schema: unknown): Record<string, unknown> {
  const properties = isObject(schema) ? schema['properties'] : null
  return isObject(properties) ? properties : {}
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
