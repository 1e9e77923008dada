import { expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../../../src/edge/api/openapi/plain.ts'
import { docsRoutes } from '../../../../src/edge/api/routes/docs.ts'
import { apiDocument } from '../../../support/api-document.ts'

const made = await apiDocument()
const app = docsRoutes({ made: () => ({ document: made as unknown as Json }) })
const get = async (path: string) => {
  const answer = await app.handle(new Request(`http://mail.example.net${path}`))
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}
const NAMES = readdirSync(join(import.meta.dir, '..', '..', '..', '..', 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -'.md'.length))

test.each(NAMES)('docs/%s.md is served, and its links and places hold', async (name) => {
  const { headers, status, text } = await get(`/docs/${name}`)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  guarded(headers)
  await placesHold(text)
})

test('the reference has a place for each operation, and its links hold', async () => {
  const { headers, text } = await get('/docs/api-reference')
  guarded(headers)
  await placesHold(text)
  const ids = Object.values(made.paths).flatMap((methods) =>
    Object.values(methods).map((one) => one.operationId),
  )
  expect(ids.filter((id) => !text.includes(` id="${id}"`))).toEqual([])
})

test('what pages load is there, and is theirs', async () => {
  const { text } = await get('/docs')
  const loaded = [...text.matchAll(/ (?:src|href)="(\/docs\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
  expect(loaded.length).toBe(3)
  for (const path of loaded) expect((await get(path)).status).toBe(200)
  expect(text).not.toMatch(/<style|style=|onclick=|https?:\/\/(?!www\.w3\.org)/)
})

function guarded(headers: Headers): void {
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy).toStartWith("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'")
  expect(policy).not.toContain('unsafe')
}

async function placesHold(text: string): Promise<void> {
  for (const [, page, place] of text.matchAll(/<a [^>]*?href="(?:\/docs\/([\w-]+))?(?:#([\w-]+))?"/g)) {
    const there = page === undefined ? text : (await get(`/docs/${page}`)).text
    if (place !== undefined)
      expect([page, place, there.includes(` id="${place}"`)]).toEqual([page, place, true])
  }
}

test('pages are packed for who takes that, and are the same', async () => {
  const [plain, packed] = await Promise.all(
    [{}, { 'accept-encoding': 'br;q=1, gzip' }].map((headers) =>
      app.handle(new Request('http://mail.example.net/docs/api-reference', { headers })),
    ),
  )
  expect([plain?.headers.get('content-encoding'), packed?.headers.get('content-encoding')]).toEqual([
    null,
    'gzip',
  ])
  expect(packed?.headers.get('vary')).toBe('accept-encoding')
  const octets = new Uint8Array((await packed?.arrayBuffer()) ?? new ArrayBuffer())
  expect(Buffer.from(Bun.gunzipSync(octets)).toString()).toBe((await plain?.text()) ?? '')
  const refused = await app.handle(
    new Request('http://mail.example.net/docs', { headers: { 'accept-encoding': 'gzip;q=0' } }),
  )
  expect(refused.headers.get('content-encoding')).toBeNull()
})

test('the contents name each page', async () => {
  const { text } = await get('/docs')
  const named = [...text.matchAll(/<li><a href="\/docs\/([\w-]+)"><b>/g)].map(([, name = '']) => name)
  expect(named.sort()).toEqual([...NAMES].sort())
})

test('what pages say of markup stays text', async () => {
  const { text } = await get('/docs/tracking')
  expect(text).not.toMatch(/<(?:script(?! src="\/docs\/assets)|img|iframe|style)\b/)
  expect((await get('/docs/errors')).text).toContain('<h3 id="not_found">')
  expect((await get('/docs/../package')).status).toBe(404)
})
