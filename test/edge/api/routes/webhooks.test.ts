import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../../../support/appliance.ts'
import { hook } from '../../../support/hook.ts'
import { until } from '../../../support/until.ts'

type Json = Readonly<Record<string, unknown>>
interface Answer extends Json {
  readonly webhook: Json & { readonly id: string }
  readonly data: readonly Json[]
  readonly error?: { readonly code: string; readonly fields?: readonly { readonly path: string }[] }
}

const NOBODY = 'whk_000000000000'

let lab: Lab
let program: ReturnType<typeof hook>
let theirs: Readonly<Record<string, string>>
let id: string

const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = AUTHORIZED,
) => {
  const answer = await lab.fetch(`/v1/webhooks${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Answer }
}
const refusal = async (method: string, path: string, body?: unknown) => {
  const { status, body: said } = await call(method, path, body)
  return [status, said.error?.fields?.[0]?.path ?? said.error?.code]
}

beforeAll(async () => {
  program = hook(503)
  lab = await startLab({ config: { 'webhooks.allow': program.place } })
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
  theirs = { authorization: `Bearer ${key}` }
  const made = await call('POST', '', { url: program.url, events: ['email.delivered', 'email.queued'] })
  id = made.body.webhook.id
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await program[Symbol.asyncDispose]()
})

test('a webhook has these keys, and its secret is told where it is made and nowhere else', async () => {
  const { body } = await call('POST', '', { url: 'https://shop.example/', note: 'shop' })
  expect(body).toEqual({
    success: true,
    webhook: {
      id: expect.stringMatching(/^whk_[0-9a-z]{12}$/),
      url: 'https://shop.example/',
      events: [
        'email.delivered',
        'email.opened',
        'email.clicked',
        'email.bounced',
        'email.complained',
        'email.unsubscribed',
      ],
      note: 'shop',
      format: 'mailwok',
      state: 'enabled',
      reason: '',
      created_at: new Date(Math.floor(lab.clock.now())).toISOString(),
      failing_since: null,
    },
    secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
  } as never)
  const { webhook } = body
  expect((await call('GET', `/${webhook.id}`)).body).toEqual({ success: true, webhook } as never)
  const listed = (await call('GET', '')).body
  expect(listed).toMatchObject({ success: true, has_more: false })
  expect(listed.data.at(-1)).toEqual(webhook)
  expect((await call('DELETE', `/${webhook.id}`)).body).toEqual({ success: true, removed: 1 } as never)
})

test('it is changed in part', async () => {
  const { webhook } = (await call('POST', '', { url: 'https://shop.example/' })).body
  const changed = await call('PATCH', `/${webhook.id}`, { note: 'new', events: ['email.bounced'] })
  expect(changed.body.webhook).toEqual({ ...webhook, note: 'new', events: ['email.bounced'] })
  expect((await call('PATCH', `/${webhook.id}`, {})).body.webhook).toEqual(changed.body.webhook)
  await call('DELETE', `/${webhook.id}`)
})

test('what became of a post is listed with its attempts, by state and page by page', async () => {
  const message = await lab.sent({ tags: ['x'] })
  const page = async (query = '') => (await call('GET', `/${id}/deliveries${query}`)).body
  await lab.meanwhile(until('both were taken', async () => (await page('?state=taken')).data.length === 2))
  const { data } = await page()
  const failed = data.find(({ attempts }) => (attempts as Json[]).length === 2)
  expect(failed).toEqual({
    event_id: expect.stringMatching(/^evt_/),
    replay: 0,
    message_id: message,
    state: 'taken',
    next_attempt_at: null,
    created_at: expect.any(String),
    finished_at: expect.any(String),
    body: expect.stringContaining('"tags":["x"]'),
    attempts: [
      {
        number: 1,
        at: expect.any(String),
        took_ms: expect.any(Number),
        status: 503,
        error: '',
        request: expect.stringMatching(/^POST http:.*webhook-signature: v1,/s),
        response: 'said',
      },
      expect.objectContaining({ number: 2, status: 200 }),
    ],
  })
  expect((await page('?state=waiting')).data).toEqual([])
  const first = await page('?limit=1')
  expect([first.data, first['has_more']]).toEqual([data.slice(0, 1), true])
  const second = await page(`?limit=1&after=${first['next']}`)
  expect([second.data, second['has_more']]).toEqual([data.slice(1), false])
})

test('a new secret is told with the time until which the one before signs', async () => {
  const { body } = await call('POST', `/${id}/rotate`)
  expect(Object.keys(body)).toEqual(['success', 'webhook', 'secret', 'previous_until'])
  expect(body['previous_until']).toBe(new Date(lab.clock.now() + 24 * 3_600_000).toISOString())
})

test('a test event is answered with what came of it', async () => {
  program.answers(new Response('<html>no</html>', { status: 500 }))
  const { body } = await call('POST', `/${id}/test`)
  expect(body).toEqual({
    success: true,
    event_id: expect.stringMatching(/^evt_/),
    taken: false,
    status: 500,
    error: '',
    response: '<html>no</html>',
    took_ms: expect.any(Number),
  } as never)
})

describe('refused by name', () => {
  test.each<[string, string, unknown, string]>([
    ['POST', '', {}, 'url'],
    ['POST', '', { url: 'https://a.example/', secret: 'mine' }, 'secret'],
    ['POST', '', { url: 'https://user:word@a.example/' }, 'url'],
    ['POST', '', { url: 'http://169.254.169.254/latest/meta-data/' }, 'url'],
    ['POST', '', { url: 'http://[::ffff:127.0.0.1]/' }, 'url'],
    ['POST', '', { url: `https://a.example/${'x'.repeat(2000)}` }, 'url'],
    ['POST', '', { url: 'https://a.example/', events: ['email.opened', 'email.sent'] }, 'events[1]'],
    ['POST', '', { url: 'https://a.example/', note: 'x'.repeat(501) }, 'note'],
    ['PATCH', 'ID', { state: 'paused' }, 'state'],
    ['PATCH', 'ID', { url: 'http://10.0.0.1/' }, 'url'],
    ['PATCH', 'ID', { id: NOBODY }, 'id'],
    ['POST', 'ID/replay', {}, 'event_id'],
    ['POST', 'ID/replay', { event_id: 'evt' }, 'event_id'],
    ['POST', 'ID/replay', { event_id: 'evt_000000000000', since: '2027-01-15T10:30:00Z' }, 'since'],
    ['POST', 'ID/replay', { since: 'yesterday' }, 'since'],
    ['POST', 'ID/replay', { since: '2027-01-15T10:30:00Z', until: 'now' }, 'until'],
    ['GET', 'ID/deliveries?state=lost', undefined, 'state'],
    ['GET', 'ID/deliveries?limit=201', undefined, 'limit'],
    ['GET', 'ID/deliveries?after=evt_1', undefined, 'after'],
    ['GET', 'ID/deliveries?page=2', undefined, 'page'],
  ])('%s %s %j', async (method, path, body, want) => {
    expect(await refusal(method, path && `/${path.replace('ID', id)}`, body)).toEqual([422, want])
  })

  test('one webhook more than a hundred', async () => {
    must(await lab.admin.accountAdd({ name: 'many', plan: 'unlimited' }))
    const { key } = must(await lab.admin.keyCreate({ account: 'many', name: 'k', mode: 'live' }))
    const headers = { authorization: `Bearer ${key}` }
    const add = () => call('POST', '', { url: 'https://a.example/' }, headers)
    for (let count = 0; count < 100; count++) expect((await add()).status).toBe(200)
    const late = await add()
    expect([late.status, late.body.error?.fields?.[0]?.path]).toEqual([422, 'url'])
  })
})

test.each([
  ['GET', ''],
  ['PATCH', ''],
  ['DELETE', ''],
  ['POST', '/rotate'],
  ['POST', '/test'],
  ['POST', '/replay'],
  ['GET', '/deliveries'],
])('%s /v1/webhooks/{id}%s: not of others, not of none, not without a key', async (method, path) => {
  const body =
    method === 'PATCH' ? { note: 'x' } : path === '/replay' ? { event_id: 'evt_000000000000' } : undefined
  const before = (await call('GET', `/${id}`)).body
  expect((await call(method, `/${id}${path}`, body, theirs)).status).toBe(404)
  for (const none of [NOBODY, 'x', '%00', 'whk_']) {
    expect([none, (await call(method, `/${none}${path}`, body)).status]).toEqual([none, 404])
  }
  expect((await call(method, `/${id}${path}`, body, {})).status).toBe(401)
  expect((await call('GET', `/${id}`)).body).toEqual(before)
  expect((await call('GET', '', undefined, theirs)).body.data).toEqual([])
})

test('events of others are not posted again', async () => {
  const made = await call('POST', '', { url: program.url }, theirs)
  const { data } = (await call('GET', `/${id}/deliveries?limit=1`)).body
  const before = program.got.length
  const path = `/${made.body.webhook.id}/replay`
  expect((await call('POST', path, { event_id: data[0]?.['event_id'] }, theirs)).status).toBe(404)
  expect((await call('POST', path, { since: '2020-01-01T00:00:00Z' }, theirs)).body).toMatchObject({
    replayed: 0,
  })
  await lab.advance(60_000)
  expect(program.got).toHaveLength(before)
})
