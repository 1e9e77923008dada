//
// The requests and answers of every page of docs/, run in their order against an appliance of the page's own: each request
// gets the answer that stands below it.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Lab, startLab } from './support/appliance.ts'
import { type DocsExample, examplesOf, learn, steady, withIds } from './support/docs-examples.ts'
import { LAB_KEY, TEST_KEY } from './support/lab-folder.ts'

const DOCS = join(dirname(import.meta.dir), 'docs')
const pages = readdirSync(DOCS)
  // Some pages need a stage of their own, and have it.
  .filter(
    (name) => name.endsWith('.md') && !existsSync(join(import.meta.dir, `docs-${name.slice(0, -3)}.test.ts`)),
  )
  .map((name) => [name, examplesOf(readFileSync(join(DOCS, name), 'utf8'))] as const)
  .filter(([, { requests }]) => requests > 0)

test('pages have examples', () => {
  expect(pages.map(([name]) => name)).toEqual(
    expect.arrayContaining(['first-send.md', 'idempotency.md', 'pagination.md']),
  )
})

describe.each(pages)('docs/%s', (_, { examples, requests }) => {
  let lab: Lab
  const ids = new Map<string, string>()
  beforeAll(async () => {
    lab = await startLab()
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  test('each request has its answer', () => {
    expect(examples.length).toBe(requests)
  })

  test.each(examples)('$method $path: $status', async (example) => {
    const { body, path } = example
    const got = await ask(lab, {
      ...example,
      path: withIds(path, ids),
      body: body === null ? null : withIds(body, ids),
    })
    const answer: unknown = await got.json()
    learn(example.answer, answer, ids)
    expect([got.status, steady(answer)]).toEqual([example.status, steady(example.answer)])
    for (const [name, value] of example.answerFields) expect(got.headers.get(name)).toBe(value)
  })
})

function ask(lab: Lab, { body, fields, method, path }: DocsExample): Promise<Response> {
  const headers = new Headers({ authorization: `Bearer ${LAB_KEY}`, ...fields })
  if (headers.get('authorization')?.includes('mwk_test_')) headers.set('authorization', `Bearer ${TEST_KEY}`)
  else headers.set('authorization', `Bearer ${LAB_KEY}`)
  if (body !== null && !headers.has('content-type')) headers.set('content-type', 'application/json')
  return lab.fetch(path, { method, headers, ...(body === null ? {} : { body }) })
}
