import { expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { docsRoutes } from '../../../../src/edge/api/routes/docs.ts'

const app = docsRoutes()
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
  expect(headers.get('content-security-policy')).toBe("default-src 'none'")
  for (const [, page, place] of text.matchAll(/<a href="(?:\/docs\/(\w+))?(?:#([\w-]+))?">/g)) {
    const there = page === undefined ? text : (await get(`/docs/${page}`)).text
    if (place !== undefined)
      expect([page, place, there.includes(` id="${place}">`)]).toEqual([page, place, true])
  }
})

test('the contents name each page', async () => {
  const { text } = await get('/docs')
  expect([...text.matchAll(/<a href="\/docs\/(\w+)">/g)].map(([, name]) => name as string).sort()).toEqual(
    [...NAMES].sort(),
  )
})

test('what pages say of markup stays text, and there is nothing else', async () => {
  const { text } = await get('/docs/tracking')
  expect(text).not.toMatch(/<(?!!doctype|meta|title|\/title|pre|\/pre|b |\/b|strong |\/strong|a |\/a)/)
  expect((await get('/docs/errors')).text).toContain('<b id="not_found">')
  expect((await get('/docs/../package')).status).toBe(404)
})
