//
// The examples of docs/api.md, run in their order against an appliance: each request gets the answer that stands below.

import { afterAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Lab, startLab } from './support/appliance.ts'

const PAGE = readFileSync(join(dirname(import.meta.dir), 'docs', 'api.md'), 'utf8')

interface Example {
  readonly path: string
  readonly body: unknown
  readonly status: number
  readonly answer: unknown
}

const blocks = [...PAGE.matchAll(/^```json (\w+) ?(\d*)(\/\S+)?\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', status = '', path = '/v1/email/send', text = '']) => ({
    kind,
    status: Number(status),
    path,
    value: JSON.parse(text) as unknown,
  }),
)
const examples: readonly Example[] = blocks.flatMap((block, at) => {
  const below = blocks[at + 1]
  if (block.kind !== 'request' || below?.kind !== 'answer') return []
  return [{ path: block.path, body: block.value, status: below.status, answer: below.value }]
})

describe('docs/api.md', async () => {
  const lab: Lab = await startLab()
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
  })

  test('has examples, each with its answer', () => {
    expect(examples.length).toBe(blocks.filter(({ kind }) => kind === 'request').length)
    expect(examples.length).toBeGreaterThan(6)
  })

  test.each(examples)('example %#', async ({ path, body, status, answer }) => {
    const got = await lab.post(path, body)
    expect(got.status).toBe(status)
    expect(steady(got.body)).toEqual(steady(answer))
  })

  test('what became of the first one has the keys that the page shows', async () => {
    const shown = blocks.find(({ kind }) => kind === 'status')
    const { body } = await lab.post('/v1/email/send', examples[0]?.body)
    const view = await lab.ended(body.message_id)
    expect(shapeOf(view)).toEqual(shapeOf(shown?.value))
  })
})

/** What differs from run to run, made equal. */
const steady = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
    /^(?:message_id|request_id|estimated_delivery|created_at)$/.test(key) ? key : value,
  )

/** Keys in their order, with null and types in place of values. */
function shapeOf(value: unknown): unknown {
  // How many lines were said differs; that they are lines does not.
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return ['string']
  if (Array.isArray(value)) return value.map(shapeOf)
  if (value === null || typeof value !== 'object') return value === null ? null : typeof value
  return Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)])
}
