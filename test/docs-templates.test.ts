//
// What docs/templates.md shows: each request is made as it stands there, in its order, and answered as shown.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MAX_BUNDLE } from '../src/mail/templates/bundle.ts'
import { WARNING_CODES } from '../src/mail/templates/warnings.ts'
import { MAX_SAMPLE, MAX_SOURCE } from '../src/services/templates/source.ts'
import { MAX_TEMPLATES, MAX_VERSIONS } from '../src/services/templates/templates.ts'
import { AUTHORIZED, startLab } from './support/appliance.ts'

const PAGE = readFileSync(join(dirname(import.meta.dir), 'docs', 'templates.md'), 'utf8')
const BLOCK = /^```json (\S+) (\S+)\n([\s\S]*?)^```$/gm

test('the page tells what happens', async () => {
  await using lab = await startLab()
  let last: { readonly status: number; readonly body: unknown } | null = null
  let requests = 0
  for (const [, word = '', path = '', text = ''] of PAGE.matchAll(BLOCK)) {
    const shown: unknown = JSON.parse(text)
    if (word === 'answer') {
      expect(last).toMatchObject({ status: Number(path), body: shown as object })
      continue
    }
    const answer = await lab.fetch(path, {
      method: word,
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      body: JSON.stringify(shown),
    })
    last = { status: answer.status, body: await answer.json() }
    if (!text.includes('nmae')) expect(last.status).toBe(200)
    requests++
  }
  expect(requests).toBeGreaterThan(9)
})

test('the page has every warning and every limit', () => {
  for (const code of WARNING_CODES) expect(PAGE).toContain(`\`${code}\``)
  expect([MAX_SOURCE, MAX_SAMPLE, MAX_TEMPLATES, MAX_VERSIONS, MAX_BUNDLE]).toEqual([
    1_000_000, 65_536, 1000, 100, 2_000_000,
  ])
})
