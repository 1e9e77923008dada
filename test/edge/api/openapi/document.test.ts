//
// The OpenAPI document: valid by the schema of OpenAPI 3.1 itself, complete, and never changed unseen.

import { describe, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import Ajv2020 from 'ajv/dist/2020'
import { EVENT_TYPES } from '../../../../src/core/webhook.ts'
import { pathOf, saidBy } from '../../../../src/edge/api/openapi/document.ts'
import { meaningOf } from '../../../../src/edge/api/openapi/problems.ts'
import { PROBLEM_CODES, statusOf } from '../../../../src/edge/api/problem.ts'
import {
  api,
  apiDocument,
  type OperationJson,
  ROUTES,
  type SchemaJson,
} from '../../../support/api-document.ts'
import { expectGolden } from '../../../support/golden.ts'

const document = await apiDocument()
const operations: readonly (readonly [string, OperationJson])[] = Object.entries(document.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [`${method.toUpperCase()} ${path}`, one] as const),
)

test('it is OpenAPI 3.1', async () => {
  const { errors, valid } = await new Validator().validate(
    structuredClone(document) as unknown as Record<string, unknown>,
  )
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

test('every route of the API is in it', () => {
  const dumb = ROUTES.filter((route) => /^\/(?:v1|livez|readyz)/.test(route.path) && saidBy(route) === null)
  expect(dumb.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  const listed = ROUTES.filter((route) => saidBy(route) !== null)
  expect(operations.map(([name]) => name).sort()).toEqual(
    listed.map(({ method, path }) => `${method} ${pathOf(path)}`).sort(),
  )
})

test('what has a body shows one that works, by its own schema', () => {
  const ajv = validator()
  const wrong = operations.flatMap(([name, { requestBody }]) =>
    Object.entries(requestBody?.content ?? {}).flatMap(([type, { example, schema }]) => {
      if (type !== 'application/json') return []
      if (example === undefined) return [`${name}: no example`]
      const check = ajv.compile({ ...schema, components: document.components })
      return check(example) ? [] : [`${name}: ${ajv.errorsText(check.errors)}`]
    }),
  )
  expect(wrong).toEqual([])
})

test('examples of answers are answers', () => {
  const ajv = validator()
  const wrong = operations.flatMap(([name, { responses }]) =>
    Object.values(responses).flatMap(({ content }) => {
      const { example, schema } = content?.['application/json'] ?? {}
      if (example === undefined) return []
      const check = ajv.compile({ ...schema, components: document.components })
      return check(example) ? [] : [`${name}: ${ajv.errorsText(check.errors)}`]
    }),
  )
  expect(wrong).toEqual([])
})

test('names of operations are unique', () => {
  const names = operations.map(([, { operationId }]) => operationId)
  expect(new Set(names).size).toBe(names.length)
})

test('every event has its webhook', () => {
  expect(Object.keys(document.webhooks)).toEqual([...EVENT_TYPES])
})

test('who has it already is told so', async () => {
  const url = 'http://localhost/v1/openapi.json'
  const first = await api.fetch(new Request(url), '')
  const tag = first.headers.get('etag') ?? ''
  const again = await api.fetch(new Request(url, { headers: { 'if-none-match': `"old", ${tag}` } }), '')
  expect([again.status, await again.text()]).toEqual([304, ''])
  const other = await api.fetch(new Request(url, { headers: { 'if-none-match': '"old"' } }), '')
  expect(other.status).toBe(200)
})

describe('errors', () => {
  const shown = new Map<string, Set<string>>()
  for (const [, { responses }] of operations) {
    for (const [status, answer] of Object.entries(responses)) {
      for (const code of JSON.stringify(answer).matchAll(/components\/examples\/(\w+)/g)) {
        shown.set(code[1] ?? '', (shown.get(code[1] ?? '') ?? new Set()).add(status))
      }
    }
  }
  /** Over SMTP alone, or reserved. */
  const ELSEWHERE = ['invalid_sender', 'mail_loop', 'method_not_allowed']

  test('every code is an answer of some route', () => {
    expect(
      [...shown.keys(), ...ELSEWHERE].filter((code, at, all) => all.indexOf(code) === at).sort(),
    ).toEqual([...PROBLEM_CODES].sort())
  })

  test.each(PROBLEM_CODES)('%s stands under its status and has a meaning', (code) => {
    expect([...(shown.get(code) ?? [])].filter((status) => status !== String(statusOf(code)))).toEqual([])
    expect(meaningOf(code).length).toBeGreaterThan(10)
  })
})

test('it is as it was when it was last looked at', () => {
  // A change is meant: MAILWOK_GOLDEN=write bun test test/edge/api/openapi, and look at the difference.
  expectGolden(
    'api.txt',
    Buffer.from(`${operations.map(([name, one]) => outlined(name, one)).join('\n\n')}\n`),
  )
})

/** What programs rest on, a line each: words of descriptions may change unseen. */
function outlined(name: string, { parameters, requestBody, responses }: OperationJson): string {
  const lines = [name]
  for (const { in: place, name: named, required, schema } of parameters ?? []) {
    lines.push(`  ${place} ${named}${required ? '' : '?'}: ${shapeOf(schema)}`)
  }
  for (const [type, { schema }] of Object.entries(requestBody?.content ?? {})) {
    lines.push(`  body ${type}: ${shapeOf(schema)}`)
  }
  for (const [status, { content }] of Object.entries(responses)) {
    for (const [type, { schema }] of Object.entries(content ?? { none: { schema: {} } })) {
      lines.push(`  ${status} ${type}: ${shapeOf(schema)}`)
    }
  }
  return lines.join('\n')
}

function shapeOf(schema: SchemaJson): string {
  if (typeof schema['$ref'] === 'string') return schema['$ref'].replace('#/components/schemas/', '')
  const [, codes] = /"code":\{"enum":(\[[^\]]*\])/.exec(JSON.stringify(schema)) ?? []
  if (codes !== undefined && 'allOf' in schema) return (JSON.parse(codes) as string[]).join(' ')
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].map(shapeOf).join(' | ')
  if (Array.isArray(schema['allOf'])) return schema['allOf'].map(shapeOf).join(' & ')
  if (Array.isArray(schema['enum'])) return schema['enum'].join('|')
  if (schema['items'] !== undefined) return `[${shapeOf(schema['items'] as SchemaJson)}]`
  if (schema['properties'] === undefined) return String(schema['const'] ?? schema['type'] ?? 'anything')
  const required = (schema['required'] ?? []) as readonly string[]
  const fields = Object.entries(schema['properties'] as Readonly<Record<string, SchemaJson>>).map(
    ([key, inner]) => `${key}${required.includes(key) ? '' : '?'}: ${shapeOf(inner)}`,
  )
  return `{ ${fields.join(', ')} }`
}

const validator = () => new Ajv2020({ strict: false, validateFormats: false })
