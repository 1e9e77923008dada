//
// Every route of every facade, asked oddly: an answer in the vendor's shape, never a fault of ours; and what another
// account keeps is not seen by it.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { VENDORS } from '../../src/edge/compat/facades.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
let theirs = ''
beforeAll(async () => {
  lab = await startLab()
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  theirs = must(await lab.admin.keyCreate({ account: 'other', name: 'theirs', mode: 'live' })).key
  const source = { subject: 'Ours', html: '<p>Ours</p>', publish: true }
  expect((await lab.post('/v1/templates', { name: 'ours', ...source })).status).toBe(200)
  for (const scope of ['all', 'marketing', 'list:asm-17']) {
    await lab.post('/v1/suppressions', { address: 'ours@example.net', scope, reason: 'hard_bounce' })
  }
  await lab.ended(await lab.sent({ to: 'ours@example.net' }))
})
afterAll(() => lab[Symbol.asyncDispose]())

const AUTH: Readonly<Record<string, (key: string) => Record<string, string>>> = {
  resend: (key) => ({ authorization: `Bearer ${key}` }),
  sendgrid: (key) => ({ authorization: `Bearer ${key}` }),
  postmark: (key) => ({ 'x-postmark-server-token': key }),
  mailgun: (key) => ({ authorization: `Basic ${btoa(`api:${key}`)}` }),
}
const ODD_PARTS = ['x', '0', '-1', '9'.repeat(40), '%00', 'é', '%2e%2e%2f', 'ours@example.net', 'ours']
const ODD_QUERIES = [
  '',
  '?limit=0',
  '?limit=x&count=-1&offset=1e9',
  '?count=500&offset=9999',
  '?page=next&p=x&page_token=%00&page_size=-3',
  '?start_time=x&end_time=1&email=%00',
  '?type=%00&inactive=7&fromdate=never&emailFilter=x&messageID=x',
  '?__proto__=1&constructor=2',
]
const ODD_BODIES = ['null', '[]', '7', '"x"', '{}', '[null]', '{"emails":[null],"recipient_emails":7}']

const ROUTES = Object.entries(VENDORS).flatMap(([name, { routes }]) =>
  routes.map(({ method, path }) => [name, method, path] as const),
)

describe.each(ROUTES)('%s %s %s', (name, method, path) => {
  const ask = (parts: string, query: string, body: string | null, key = LAB_KEY) =>
    lab.fetch(`/compat/${name}${path.replace(/:\w+/g, parts)}${query}`, {
      method,
      headers: { ...AUTH[name]?.(key), ...(body === null ? {} : { 'content-type': 'application/json' }) },
      ...(body === null ? {} : { body }),
    })

  test('asked oddly', async () => {
    const asks =
      method === 'GET'
        ? [
            ...ODD_QUERIES.map((query) => ['x', query, null] as const),
            ...ODD_PARTS.map((part) => [part, '', null] as const),
          ]
        : [null, ...ODD_BODIES].flatMap((body) =>
            ['x', 'nobody@example.net', '%00'].map((part) => [part, '', body] as const),
          )
    for (const [part, query, body] of asks) {
      const answer = await ask(part, query, body)
      const text = await answer.text()
      expect([answer.status >= 500, part, query, body, text]).toEqual([false, part, query, body, text])
      if (answer.status >= 400)
        expect(answer.headers.get('link') ?? 'no link').toContain(`/docs/moving#${name}`)
    }
  })

  test('another account sees nothing of ours', async () => {
    if (method !== 'GET') return
    for (const part of ['ours', 'ours@example.net', 'example.com', '17', 'outbound']) {
      const answer = await ask(part, '', null, theirs)
      const text = (await answer.text()).replaceAll(encodeURIComponent(part), '').replaceAll(part, '')
      expect(text).not.toMatch(/ours@|"Ours"|msg_[0-9a-z]{12}|mw1r\._domainkey/i)
    }
  })
})
