//
// What pages show of the API beside the examples that are run: each request that they name is an operation of the OpenAPI
// document with these parameters, and each answer that they show is one by its schema. No example is left to itself.

import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Ajv2020 from 'ajv/dist/2020'
import { apiDocument, type OperationJson, type SchemaJson } from './support/api-document.ts'
import { closed } from './support/api-prober.ts'

const ROOT = dirname(import.meta.dir)
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .map((name) => [name, readFileSync(join(ROOT, name), 'utf8')] as const)
const document = await apiDocument()
const ajv = new Ajv2020({ strict: false, validateFormats: false })

/** Run by a test of the page, in these words. */
const IS_RUN = /^json (?:request|answer|status|webhook|(?:GET|POST|PATCH|PUT|DELETE) \/)/
/** Pages whose own test takes all their blocks. */
const HAS_TEST: ReadonlySet<string> = new Set(['people', 'sandbox', 'unsubscribe', 'inbound'])

const named = PAGES.flatMap(([page, text]) =>
  [
    ...text.matchAll(
      /\b(GET|POST|PUT|PATCH|DELETE) (\/v1\/[\w/{}@.:%-]*[\w}])(?:\?([\w=&{}%:@.,…-]*))?(?! HTTP)/g,
    ),
  ].map(
    ([all, method = '', path = '', query = '']) =>
      [all, page, { method: method.toLowerCase(), path, query }] as const,
  ),
)

describe('requests', () => {
  test('were found', () => expect(named.length).toBeGreaterThan(100))

  test.each(named)('%s, of %s', (all, _page, { method, path, query }) => {
    const operation = operationOf(method, path)
    expect(operation?.operationId).toBeString()
    const known = (operation?.parameters ?? []).flatMap((one) => (one.in === 'query' ? [one.name] : []))
    const asked = [...new URLSearchParams(query).keys()]
    // The page on lists shows what becomes of a wrong one.
    expect(asked.filter((name) => !known.includes(name))).toEqual(all.includes('limt=') ? ['limt'] : [])
  })
})

describe('answers', () => {
  const blocks = PAGES.flatMap(([page, text]) =>
    [...text.matchAll(/^```(json\b[^\n]*)\n([\s\S]*?)^```$/gm)].map(
      ([, kind = '', body = '']) => [kind, page, body] as const,
    ),
  )
  const shown = blocks.filter(([kind]) => kind.startsWith('json as '))

  test('are run or held against the document', () => {
    const others = blocks
      .filter(([kind]) => !IS_RUN.test(kind) && !kind.startsWith('json as '))
      .map(([, page]) => page)
      .filter((page) => !HAS_TEST.has(page.slice('docs/'.length, -'.md'.length)))
    expect(others).toEqual([])
    expect(shown.length).toBeGreaterThan(5)
  })

  test.each(shown)('%s, of %s', (kind, _page, body) => {
    const [, , method = '', path = '', status = '200'] = kind.split(' ')
    const operation = method === 'webhook' ? null : operationOf(method.toLowerCase(), path)
    const schema =
      method === 'webhook'
        ? (document.webhooks[path] as Readonly<Record<'post', OperationJson>> | undefined)?.post.requestBody
            ?.content['application/json']?.schema
        : operation?.responses[status]?.content?.['application/json']?.schema
    expect(schema).toBeObject()
    const all = closed({ ...schema, components: document.components }) as SchemaJson
    const check = ajv.compile(all)
    expect([check(JSON.parse(body)), ajv.errorsText(check.errors)]).toEqual([true, 'No errors'])
  })
})

function operationOf(method: string, path: string): OperationJson | undefined {
  const parts = path.split('/')
  const fits = ([known, methods]: readonly [string, object]): boolean => {
    const words = known.split('/')
    return (
      method in methods &&
      words.length === parts.length &&
      words.every((word, at) => word.startsWith('{') || word === parts[at])
    )
  }
  return Object.entries(document.paths).find(fits)?.[1][method]
}
