import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { HOUR, SECOND } from '../../src/core/time.ts'
import { isAct } from '../../src/edge/api/act-recorder.ts'
import { ROUTES } from '../support/api-document.ts'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { hook } from '../support/hook.ts'
import { until } from '../support/until.ts'

type Json = Readonly<Record<string, unknown>>
interface Row {
  readonly id: string
  readonly action: string
  readonly actor: string
  readonly actor_name: string | null
  readonly subject: string
  readonly fields: readonly string[]
  readonly ip: string | null
  readonly request_id: string | null
  readonly note: string | null
}

const PASSWORD = 'a horse that is correct'

let lab: Lab

const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = AUTHORIZED,
) => {
  const answer = await lab.fetch(path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: each route has a shape of its own
  return { status: answer.status, id: answer.headers.get('x-request-id'), body: (await answer.json()) as any }
}
const log = async (query = '', headers = AUTHORIZED): Promise<readonly Row[]> =>
  (await call('GET', `/v1/audit${query}`, undefined, headers)).body.data
/** Everything that the store has, as text. */
const stored = (): readonly string[] => {
  const db = new Database(join(lab.folder, 'data', 'mailwok.db'), { readonly: true })
  const rows = db.prepare<Record<string, unknown>, []>('SELECT * FROM audit').all()
  db.close()
  return rows.map((row) => JSON.stringify(row))
}

beforeAll(async () => {
  lab = await startLab({ config: { 'retention.audit': '3h' } })
})
afterAll(() => lab[Symbol.asyncDispose]())

test('an act by a key says who, what, to which thing, from where, and names of fields', async () => {
  const made = await call('POST', '/v1/webhooks', { url: 'https://shop.example/hooks', note: 'Umsätze' })
  const { id } = made.body.webhook
  const [row] = await log('?limit=1')
  expect(row).toEqual({
    id: expect.stringMatching(/^aud_[0-9a-z]{12}$/),
    at: new Date(lab.clock.now()).toISOString(),
    actor: expect.stringMatching(/^key_/),
    actor_name: 'lab',
    action: 'POST /v1/webhooks',
    subject: id,
    fields: ['url', 'note'],
    ip: '127.0.0.1',
    request_id: made.id,
    note: null,
  } as Row)
  await call('POST', `/v1/webhooks/${id}/rotate`)
  expect((await log('?limit=1'))[0]).toMatchObject({
    action: 'POST /v1/webhooks/:id/rotate',
    subject: id,
    fields: [],
  })
  await call('DELETE', `/v1/webhooks/${id}`)
  expect((await log(`?subject=${id}`)).map(({ action }) => action)).toEqual([
    'DELETE /v1/webhooks/:id',
    'POST /v1/webhooks/:id/rotate',
    'POST /v1/webhooks',
  ])
})

test('what was refused, asked, or sent as mail does not stand there', async () => {
  const before = (await log()).length
  expect((await call('POST', '/v1/webhooks', { url: 'nonsense' })).status).toBe(422)
  expect((await call('DELETE', '/v1/webhooks/whk_000000000000')).status).toBe(404)
  expect((await call('POST', '/v1/webhooks', { url: 'https://a.example/' }, {})).status).toBe(401)
  await call('GET', '/v1/webhooks')
  await lab.sent()
  expect((await log()).length).toBe(before)
})

test('commands stand there with the user who gave them, in the account that they concern', async () => {
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'program', mode: 'live' }))
  const theirs = { authorization: `Bearer ${key}` }
  const uid = process.getuid?.()
  expect(await log('', theirs)).toMatchObject([
    { actor: `cli:${uid}`, action: 'cli keyCreate', subject: 'program' },
  ])
  const all = must(await lab.admin.auditList({ ...NO_FILTER, action: 'cli accountAdd' }))
  expect(all).toMatchObject([{ account: null, subject: 'other', fields: ['name', 'plan'] }])
  // Nothing of theirs is ours, and a question is no act.
  expect((await log('?action=cli%20keyCreate')).length).toBe(0)
  must(await lab.admin.keyList({ account: null }))
  expect(must(await lab.admin.auditList({ ...NO_FILTER, action: 'cli keyList' }))).toEqual([])
})

const NO_FILTER = { account: null, actor: null, action: null, subject: null, after: null, limit: 100 }

test('logins, refused logins and what people do stand there', async () => {
  const address = 'ann@example.net'
  must(
    await lab.admin.userAdd({ address, account: 'default', role: 'owner', name: 'Ann', password: PASSWORD }),
  )
  const login = (password: string) => call('POST', '/v1/sessions', { email: address, password }, {})
  await login('wrong')
  const { body } = await login(PASSWORD)
  const ann = { authorization: `Bearer ${body.token}` }
  await call('PATCH', '/v1/me', { name: 'Anna' }, ann)
  const [renamed, opened, refused] = await log('?limit=3')
  expect(renamed).toMatchObject({ actor_name: address, action: 'PATCH /v1/me', fields: ['name'] })
  expect(renamed?.actor).toMatch(/^usr_/)
  expect(opened).toMatchObject({ action: 'login', actor: renamed?.actor ?? '', subject: body.session.id })
  expect(refused).toMatchObject({
    action: 'login refused',
    actor: 'anonymous',
    subject: renamed?.actor ?? '',
  })
  // Whoever tries for long fills nothing.
  const before = (await log('?action=login%20refused&limit=200')).length
  const ends = await lab.meanwhile(Promise.all(Array.from({ length: 30 }, () => login('wrong'))))
  expect(ends.filter(({ status }) => status === 429).length).toBeGreaterThan(20)
  expect((await log('?action=login%20refused&limit=200')).length - before).toBeLessThanOrEqual(4)
})

test('pages and filters', async () => {
  for (let at = 0; at < 5; at++) await call('POST', '/v1/suppressions', { address: `p${at}@example.org` })
  const query = `?action=${encodeURIComponent('POST /v1/suppressions')}`
  const first = await call('GET', `/v1/audit${query}&limit=2`)
  expect([first.body.has_more, first.body.data.length]).toEqual([true, 2])
  const second = await call('GET', `/v1/audit${query}&limit=3&after=${first.body.data[1].id}`)
  expect([second.body.has_more, second.body.data.length]).toEqual([false, 3])
  const back = await call('GET', `/v1/audit${query}&limit=2&before=${second.body.data[0].id}`)
  expect(back.body.data).toEqual(first.body.data)
  const newer = await call('GET', `/v1/audit${query}&limit=1&before=${second.body.data[0].id}`)
  expect([newer.body.has_more, newer.body.data]).toEqual([true, [first.body.data[1]]])
  for (const [bad, field] of [
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?after=x', 'after'],
    ['?since=yesterday', 'since'],
    ['?actr=x', 'actr'],
  ]) {
    const { body, status } = await call('GET', `/v1/audit${bad}`)
    expect([status, body.error.fields[0].path]).toEqual([422, field ?? ''])
  }
})

test('records are kept for as long as the configuration says', async () => {
  const before = must(await lab.admin.auditList(NO_FILTER)).length
  expect(before).toBeGreaterThan(10)
  lab.clock.advance(4 * HOUR)
  await until('what is old is gone', async () => {
    lab.clock.advance(10 * SECOND)
    return stored().length < before
  })
}, 60_000)

test('every route that changes something is an act, but for mail and questions', () => {
  const changing = ROUTES.filter(({ method }) => !['GET', 'HEAD', 'OPTIONS', 'ALL'].includes(method))
  const left = changing.filter(({ method, path }) => !isAct({ method, url: `http://localhost${path}` }))
  const known = /^POST \/v1\/(?:email\/(?:send|batch|raw)|doctor|templates\/(?::id\/preview|translate))\/?$/
  expect(left.map(({ method, path }) => `${method} ${path}`).filter((route) => !known.test(route))).toEqual(
    [],
  )
  expect(changing.length - left.length).toBeGreaterThan(40)
})

/** What a person or a program would not want to read in a log. */
const SECRET = /mwk_(?:live|test)_\w{5}|mw[sir]_\w|whsec_\w|PRIVATE KEY/

const MARK = 'Zq7gEheim'

/** An example of the reference with a mark in every text that is long or free enough to take it. */
function marked(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((one) => marked(one, path))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, marked(inner, `${path}.${name}`)]),
    )
  }
  const isFree =
    /\.(?:note|description|subject|html|text|reason|password|current_password|code|token|source|private_key|secret)$/
  return typeof value === 'string' && isFree.test(path) ? `${value}${MARK}` : value
}

test('no secret and no content is ever in it, whatever is asked', async () => {
  const things = await someThings()
  for (const { hooks, method, path } of ROUTES) {
    if (method === 'GET' || path.startsWith('/v1/sessions')) continue
    const detail = hooks.detail as { readonly 'x-operation'?: { readonly bodyExample?: unknown } } | undefined
    const said = detail?.['x-operation']
    for (const example of [said?.bodyExample, marked(said?.bodyExample, '')]) {
      for (const id of [...things, 'mwk_live_Lab0Lab0Lab0Lab0', `${MARK}@example.org`]) {
        if (/^DELETE|revoke|rotate/.test(`${method} ${path}`) && path.startsWith('/v1/keys')) continue
        await call(method, path.replace(/:\w+/g, encodeURIComponent(id)), example)
      }
    }
  }
  const rows = stored()
  expect(rows.length).toBeGreaterThan(15)
  expect(rows.filter((row) => SECRET.test(row))).toEqual([])
  // The address that was taken off a list is the thing itself, and stands as the subject alone.
  const loud = rows.filter((row) => row.replace(/"subject":"[^"]*"/, '').includes(MARK))
  expect(loud).toEqual([])
}, 120_000)

async function someThings(): Promise<readonly string[]> {
  const hook = await call('POST', '/v1/webhooks', { url: 'https://things.example/' })
  const template = await call('POST', '/v1/templates', { name: 'thing', subject: 's', html: '<p>t</p>' })
  const key = await call('POST', '/v1/keys', { name: 'thing' })
  const ids = [hook, template, key].flatMap(({ body }) =>
    Object.values(body as Json).flatMap((value) =>
      typeof value === 'object' && value !== null && 'id' in value ? [String(value.id)] : [],
    ),
  )
  return [...ids, 'example.com']
}

test('what the system does by itself stands there too', async () => {
  await using gone = hook(410)
  await using other = await startLab({ config: { 'webhooks.allow': gone.place } })
  const asked = async (method: string, path: string, body?: Json) => {
    const headers = { ...AUTHORIZED, ...(body ? { 'content-type': 'application/json' } : {}) }
    const answer = await other.fetch(path, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return (await answer.json()) as {
      readonly data: readonly Row[]
      readonly webhook: { readonly id: string }
    }
  }
  const { webhook } = await asked('POST', '/v1/webhooks', { url: gone.url, events: ['email.queued'] })
  await other.sent()
  const found = async () => (await asked('GET', '/v1/audit?actor=system')).data
  await until('it was disabled', async () => {
    other.clock.advance(SECOND)
    return (await found()).length > 0
  })
  expect(await found()).toMatchObject([
    { action: 'webhook disabled', subject: webhook.id, note: 'it answered 410 Gone', ip: null },
  ])
})
