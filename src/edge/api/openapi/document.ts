//
// Owns: the OpenAPI 3.1 document, made of the routes as they stand: their paths, the schemas by which bodies are checked,
// and what operation.ts has them say of themselves. Pure.

import type { TSchema } from 'elysia'
import { EVENT_TYPES } from '../../../core/webhook.ts'
import type { Operation } from '../operation.ts'
import { webhookBodySchema } from '../schema/event-answers.ts'
import { isOpenRoute } from '../session-admission.ts'
import { Components, isJson, type Json } from './plain.ts'
import { PROBLEM_SCHEMA, problemExamples, problemResponse, problemsOf } from './problems.ts'
import { INTRODUCTION, tagOf, tagsOf } from './words.ts'

/** As the framework lists them. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly hooks: { readonly body?: unknown; readonly detail?: unknown }
}

export interface DocumentFacts {
  readonly version: string
  /** Where the API is reached, without /v1. */
  readonly server: string
}

/** A document with a fault in it is a bug, and says so here. */
export function openApi(routes: readonly Route[], { version, server }: DocumentFacts): Json {
  const components = new Components()
  const paths: Record<string, Record<string, unknown>> = {}
  const tags = new Set<string>()
  for (const route of routes) {
    const said = saidBy(route)
    if (said === null) continue
    const path = pathOf(route.path)
    tags.add(tagOf(path))
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operationOf({ ...route, path, said }, components),
    }
  }
  const webhooks = Object.fromEntries(EVENT_TYPES.map((type) => [type, webhookOf(type, components)]))
  return {
    openapi: '3.1.1',
    info: {
      title: 'MailWok',
      version,
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server }],
    security: [{ key: [] }],
    tags: tagsOf(tags),
    paths: Object.fromEntries(Object.entries(paths).sort(([one], [other]) => (one < other ? -1 : 1))),
    webhooks,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key: mwk_live_… or mwk_test_….' },
      },
      headers: HEADERS,
      examples: problemExamples(),
      schemas: { ...components.all, Problem: PROBLEM_SCHEMA },
    },
  }
}

/** Null: a page, not a part of the API. */
export function saidBy({ hooks }: Route): Operation | null {
  const said = isJson(hooks.detail) ? hooks.detail['x-operation'] : undefined
  return isJson(said) ? (said as unknown as Operation) : null
}

/** `/v1/email/:id` → `/v1/email/{id}`. */
export const pathOf = (path: string): string => path.replace(/\/$/, '').replace(/:(\w+)/g, '{$1}') || '/'

/** Without a key. */
const OPEN = ['/livez', '/readyz', '/v1/openapi.json']

interface SaidRoute extends Route {
  readonly said: Operation
}

function operationOf({ hooks, method, path, said }: SaidRoute, components: Components): Json {
  const isPrivate = !OPEN.includes(path) && !isOpenRoute(method, path)
  const body = isSchema(hooks.body) ? hooks.body : null
  const takesBody = body !== null || said.bodies !== undefined
  const takesQuery = said.query !== undefined
  const parameters = parametersOf(path, said, components)
  const problems = problemsOf(
    { method: method.toLowerCase(), isPrivate, takesBody, takesQuery },
    said.problems ?? [],
  )
  const headers = answerHeaders(said, isPrivate)
  return {
    operationId: idOf(method, path),
    tags: [tagOf(path)],
    summary: said.summary,
    ...(said.description === undefined ? {} : { description: said.description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takesBody ? { requestBody: bodyOf(body, said, components) } : {}),
    responses: {
      ...Object.fromEntries(
        [...problems].map(([status, codes]) => [status, problemResponse(status, codes, REQUEST_ID)]),
      ),
      ...Object.fromEntries(
        Object.entries(said.answers).map(([status, answer]) => [
          status,
          answerOf(answer, headers, components),
        ]),
      ),
    },
    ...(isPrivate ? {} : { security: [] }),
  }
}

/** GET /v1/email/{id}/events → getEmailByIdEvents. */
const idOf = (method: string, path: string): string =>
  method.toLowerCase() +
  path
    .replace(/^\/v1/, '')
    .replace(/\{(\w+)\}/g, 'by-$1')
    .replace(/[^A-Za-z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase())

function bodyOf(body: TSchema | null, said: Operation, components: Components): Json {
  const example = said.bodyExample === undefined ? {} : { example: said.bodyExample }
  const others = Object.entries(said.bodies ?? {}).map(([type, schema]) => [
    type,
    schema === null
      ? { schema: { type: 'string' }, ...(typeof said.bodyExample === 'string' ? example : {}) }
      : { schema: components.schema(schema), ...(type === JSON_TYPE ? example : {}) },
  ])
  return {
    required: true,
    content: {
      ...(body === null ? {} : { [JSON_TYPE]: { schema: components.schema(body), ...example } }),
      ...Object.fromEntries(others),
    },
  }
}
const JSON_TYPE = 'application/json'

function parametersOf(path: string, said: Operation, components: Components): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const schema = propertiesOf(said.params)[name]
    return parameter({ name, in: 'path', required: true, schema: schema ?? null }, components)
  })
  const others = (['query', 'header'] as const).flatMap((place) => {
    const group = place === 'query' ? said.query : said.headers
    const required = Array.isArray(group?.['required']) ? group['required'] : []
    return Object.entries(propertiesOf(group)).map(([name, schema]) =>
      parameter(
        {
          name: place === 'header' ? shown(name) : name,
          in: place,
          required: required.includes(name),
          schema,
        },
        components,
      ),
    )
  })
  return [...inPath, ...others]
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: TSchema | null
}

function parameter({ schema, ...rest }: Parameter, components: Components): Json {
  const { description, ...plain } = schema === null ? { type: 'string' } : components.schema(schema)
  return {
    ...rest,
    ...(description === undefined ? {} : { description }),
    // Lists are written with commas.
    ...(plain['type'] === 'array' ? { style: 'form', explode: false } : {}),
    schema: plain,
  }
}

/** idempotency-key → Idempotency-Key. */
const shown = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())

function answerOf(answer: Operation['answers'][number], headers: Json, components: Components): Json {
  const type = answer.contentType ?? (answer.schema === null ? null : 'application/json')
  if (type === null) return { description: answer.description, headers }
  return {
    description: answer.description,
    headers,
    content: {
      [type]: {
        schema: answer.schema === null ? { type: 'string' } : components.schema(answer.schema),
        ...(answer.example === undefined ? {} : { example: answer.example }),
      },
    },
  }
}

function webhookOf(type: (typeof EVENT_TYPES)[number], components: Components): Json {
  return {
    post: {
      operationId: `on-${type}`,
      tags: ['Webhooks'],
      summary: type,
      description: 'Posted to the webhooks that ask for it, signed as Standard Webhooks 1.0.0 has it.',
      parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
        name,
        in: 'header',
        required: true,
        schema: { type: 'string' },
      })),
      requestBody: {
        required: true,
        content: { 'application/json': { schema: components.schema(webhookBodySchema(type)) } },
      },
      responses: {
        '2XX': { description: 'Taken. Anything else is tried again over three days; 410 disables.' },
      },
      security: [],
    },
  }
}

const HEADERS: Json = {
  'X-Request-Id': { description: 'Under which it stands in the log.', schema: { type: 'string' } },
  'RateLimit-Policy': {
    description: 'What the plan allows, such as `"api";q=10;w=1, "mail";q=1;w=1`; absent without limits.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'What is left of it, such as `"api";r=7;t=1`; absent without limits.',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds after which it may be asked again.', schema: { type: 'integer' } },
  'Idempotency-Replayed': {
    description: 'It was done before under this key; the answer is the one of then.',
    schema: { const: 'true' },
  },
}
const referTo = (names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
const REQUEST_ID = referTo(['X-Request-Id'])

const answerHeaders = (said: Operation, isPrivate: boolean): Json =>
  referTo([
    'X-Request-Id',
    ...(isPrivate ? ['RateLimit-Policy', 'RateLimit'] : []),
    ...('idempotency-key' in propertiesOf(said.headers) ? ['Idempotency-Replayed'] : []),
  ])

const isSchema = (value: unknown): value is TSchema => isJson(value)

const propertiesOf = (schema: TSchema | undefined): Readonly<Record<string, TSchema>> =>
  isJson(schema?.['properties']) ? (schema['properties'] as Record<string, TSchema>) : {}
