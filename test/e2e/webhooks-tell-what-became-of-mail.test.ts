import { expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { hook, verified } from '../support/hook.ts'
import { until } from '../support/until.ts'

const add = async (lab: Lab, url: string, events: readonly string[] = []) =>
  must(await lab.admin.webhookAdd({ account: 'default', url, events, note: '' }))

interface HookView {
  readonly id: string
  readonly events: readonly string[]
}

/** Everything is named as present: what is missing fails where it is expected. */
interface Answer {
  readonly webhook: HookView
  readonly secret: string
  readonly data: readonly { readonly state: string; readonly attempts: readonly { status: number }[] }[]
  readonly error?: { readonly fields: readonly { readonly path: string }[] }
}

const JSON_BODY = { ...AUTHORIZED, 'content-type': 'application/json' }

const api = async (lab: Lab, method: string, path: string, body?: unknown) => {
  const response = await lab.fetch(path, {
    method,
    headers: AUTHORIZED,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_BODY }),
  })
  return { status: response.status, body: (await response.json()) as Answer }
}

test('a delivery is told with the promised body, and the official library verifies it', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const { secret } = await add(lab, program.url)
  const id = await lab.sent({ tags: ['welcome'], custom: { order: 7 } })
  await lab.meanwhile(until('it was told', () => program.got.length === 1))
  const [got] = program.got
  if (!got) throw new Error('nothing came')
  const body = verified(secret, got) as Record<string, unknown>
  expect(body).toMatchObject({
    event: 'email.delivered',
    type: 'email.delivered',
    message_id: id,
    recipient: 'rcpt@example.net',
    metadata: { tags: ['welcome'], ip: '127.0.0.1' },
    custom: { order: 7 },
    test: false,
  })
  expect(body['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  expect(got.headers['webhook-id']).toMatch(/^evt_[0-9a-z]{12}$/)
  expect(() => verified(secret, { ...got, text: `${got.text} ` })).toThrow()
  expect(() => verified(`whsec_${Buffer.alloc(32).toString('base64')}`, got)).toThrow()
})

test('each hears what it asked for, from its creation on', async () => {
  await using all = hook()
  await using bounces = hook()
  await using lab = await startLab({
    config: { 'webhooks.allow': `${all.place},${bounces.place}` },
  })
  await lab.ended(await lab.sent({ to: 'before@example.net' }))
  await lab.advance(1000)
  await add(lab, all.url, ['email.queued', 'email.delivered', 'email.bounced'])
  await add(lab, bounces.url, ['email.bounced'])
  await lab.sent({ to: 'after@example.net' })
  await lab.meanwhile(until('all was told', () => all.got.length === 2))
  expect(all.bodies().map(({ event, recipient }) => [event, recipient])).toEqual([
    ['email.queued', 'after@example.net'],
    ['email.delivered', 'after@example.net'],
  ])
  expect(bounces.got).toEqual([])
})

test('what was not taken comes again with the same id; a redirect is a failure', async () => {
  await using program = hook(500, Response.redirect('http://127.0.0.1:1/', 302), 204)
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const made = await add(lab, program.url)
  await lab.sent()
  await lab.meanwhile(until('three tries', () => program.got.length === 3))
  expect(new Set(program.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  const page = () => api(lab, 'GET', `/v1/webhooks/${made.id}/deliveries`)
  await lab.meanwhile(until('it is noted', async () => (await page()).body.data[0]?.state === 'taken'))
  const { data } = (await page()).body
  expect(data).toHaveLength(1)
  expect(data[0]?.attempts.map(({ status }) => status)).toEqual([500, 302, 204])
  expect(data[0]?.attempts[0]).toMatchObject({ number: 1, response: 'said', error: '' })
  const posts = (state: string | null, limit = 5) => lab.admin.webhookPosts({ id: made.id, state, limit })
  expect(must(await posts(null))).toMatchObject([
    { type: 'email.delivered', replay: 0, state: 'taken', attempts: 3, last: 'HTTP 204', due_at: null },
  ])
  expect(must(await posts('waiting'))).toEqual([])
  expect(await posts('lost')).toMatchObject({ error: { code: 'invalid_state' } })
  expect(await posts(null, 0)).toMatchObject({ error: { code: 'invalid_limit' } })
})

test('a receiver that was down, and a restart of the node, lose nothing', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  await add(lab, program.url)
  await program.stop()
  const ids = [await lab.sent(), await lab.sent(), await lab.sent()]
  for (const id of ids) await lab.ended(id)
  await lab.advance(2000)
  await lab.stop()
  program.start()
  await lab.start()
  const told = () => new Set(program.bodies().map(({ message_id }) => message_id))
  await lab.meanwhile(until('all three were told', () => told().size === 3))
  expect([...told()].sort()).toEqual([...ids].sort())
})

test('who says 410 is disabled, the operator is told, and nothing is lost that was owed', async () => {
  await using program = hook(410)
  await using lab = await startLab({
    config: { 'webhooks.allow': program.place },
    dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } },
  })
  const { id } = await add(lab, program.url)
  await lab.sent()
  const row = async () => must(await lab.admin.webhookList({ account: null }))[0]
  await lab.meanwhile(until('it is disabled', async () => (await row())?.state === 'disabled'))
  expect(await row()).toMatchObject({ reason: 'it answered 410 Gone' })
  await lab.meanwhile(
    until('the operator has it', () =>
      lab.mx.messages.some(({ bytes }) => bytes.toString().includes(`mailwok webhook enable ${id}`)),
    ),
  )
  await lab.advance(10 * 60_000)
  expect(program.got).toHaveLength(1)
  must(await lab.admin.webhookState({ id, state: 'enabled' }))
  await lab.meanwhile(until('it is told at last', () => program.got.length === 2))
})

test('a rotated secret and the one before sign together for a day', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const made = await api(lab, 'POST', '/v1/webhooks', { url: program.url })
  const first = made.body.secret
  const second = (await api(lab, 'POST', `/v1/webhooks/${made.body.webhook.id}/rotate`)).body.secret
  await lab.sent()
  await lab.meanwhile(until('it was told', () => program.got.length === 1))
  for (const secret of [first, second]) verified(secret, program.got[0] ?? { headers: {}, text: '', at: 0 })
  lab.clock.jump(24 * 3_600_000)
  await lab.advance(1000)
  await lab.sent()
  await lab.meanwhile(until('it was told again', () => program.got.length === 2))
  const last = program.got[1] ?? { headers: {}, text: '', at: 0 }
  verified(second, last)
  expect(() => verified(first, last)).toThrow()
})

test('what is tried again after the secret was replaced is signed with both', async () => {
  await using program = hook(503)
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const made = await add(lab, program.url)
  await lab.sent()
  await lab.meanwhile(until('it was tried', () => program.got.length === 1))
  const rotated = await api(lab, 'POST', `/v1/webhooks/${made.id}/rotate`)
  await lab.meanwhile(until('it was tried again', () => program.got.length === 2))
  const [first, second] = program.got
  if (!first || !second) throw new Error('nothing came')
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
  verified(made.secret, first)
  for (const secret of [made.secret, rotated.body.secret]) verified(secret, second)
})

test('a clock that is set back silences no webhook', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  await add(lab, program.url)
  lab.clock.jump(-24 * 3_600_000)
  await lab.advance(1000)
  const id = await lab.sent()
  await lab.meanwhile(until('it was told', () => program.got.length === 1))
  expect(program.bodies()[0]).toMatchObject({ message_id: id })
})

test('a webhook that is taken away while posts wait for it gets none of them', async () => {
  await using program = hook(503, 503, 503)
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const { id } = await add(lab, program.url, ['email.queued', 'email.delivered'])
  await lab.ended(await lab.sent())
  await lab.meanwhile(until('it was tried', () => program.got.length >= 1))
  expect((await api(lab, 'DELETE', `/v1/webhooks/${id}`)).body).toMatchObject({ removed: 1 })
  const before = program.got.length
  await lab.advance(10 * 60_000)
  const other = await add(lab, program.url)
  await lab.sent()
  await lab.meanwhile(until('another is told', () => program.got.length > before))
  verified(other.secret, program.got.at(-1) ?? { headers: {}, text: '', at: 0 })
})

test('a test event is posted at once, and events are posted again by id and by time', async () => {
  await using program = hook(503)
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const { id, secret } = await add(lab, program.url, ['email.delivered'])
  expect(must(await lab.admin.webhookTest({ id }))).toMatchObject({ taken: false, status: 503 })
  expect(must(await lab.admin.webhookTest({ id }))).toMatchObject({ taken: true, status: 200 })
  expect(verified(secret, program.got[1] ?? { headers: {}, text: '', at: 0 })).toMatchObject({ test: true })
  const since = new Date(lab.clock.now()).toISOString()
  await lab.sent()
  await lab.sent()
  await lab.meanwhile(until('both were told', () => program.got.length === 4))
  const eventId = program.got[2]?.headers['webhook-id']
  const one = await api(lab, 'POST', `/v1/webhooks/${id}/replay`, { event_id: eventId })
  expect(one.body).toMatchObject({ success: true, replayed: 1 })
  await lab.meanwhile(until('it was told again', () => program.got.length === 5))
  expect(program.got[4]?.headers['webhook-id']).toBe(eventId)
  expect(program.got[4]?.text).toBe(program.got[2]?.text)
  expect((await api(lab, 'POST', `/v1/webhooks/${id}/replay`, { since })).body).toMatchObject({ replayed: 2 })
  await lab.meanwhile(until('both were told again', () => program.got.length === 7))
  const none = await api(lab, 'POST', `/v1/webhooks/${id}/replay`, { event_id: 'evt_000000000000' })
  expect(none.status).toBe(404)
})

test('what cannot be is refused by name, and nobody sees the webhooks of others', async () => {
  await using lab = await startLab()
  const refused = async (body: unknown) => {
    const { body: answer, status } = await api(lab, 'POST', '/v1/webhooks', body)
    return [status, answer.error?.fields[0]?.path]
  }
  expect(await refused({ url: 'http://127.1:3000/' })).toEqual([422, 'url'])
  expect(await refused({ url: 'http://10.0.0.1/' })).toEqual([422, 'url'])
  expect(await refused({ url: 'ftp://a.example/' })).toEqual([422, 'url'])
  expect(await refused({ url: 'https://a.example/', events: ['email.sent'] })).toEqual([422, 'events[0]'])
  expect(await refused({ url: 'https://a.example/', event: [] })).toEqual([422, 'event'])
  const made = await api(lab, 'POST', '/v1/webhooks', { url: 'https://a.example/', note: 'shop' })
  expect(made.body.webhook).toMatchObject({ url: 'https://a.example/', note: 'shop', state: 'enabled' })
  expect(made.body.webhook.events).toEqual([
    'email.delivered',
    'email.opened',
    'email.clicked',
    'email.bounced',
    'email.complained',
    'email.unsubscribed',
  ])
  const path = `/v1/webhooks/${made.body.webhook.id}`
  expect((await api(lab, 'PATCH', path, { state: 'disabled' })).body.webhook).toMatchObject({
    state: 'disabled',
    reason: 'it was disabled by hand',
  })
  expect((await api(lab, 'GET', '/v1/webhooks')).body.data).toHaveLength(1)
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const key = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
  const theirs = await lab.fetch(path, { headers: { authorization: `Bearer ${key.key}` } })
  expect(theirs.status).toBe(404)
  expect((await api(lab, 'DELETE', path)).body).toMatchObject({ removed: 1 })
  expect((await api(lab, 'GET', path)).status).toBe(404)
})
