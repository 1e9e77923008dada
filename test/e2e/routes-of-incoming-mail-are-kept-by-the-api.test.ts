import { expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { hook, verified } from '../support/hook.ts'

test('a route is made, listed, changed, tried and removed', async () => {
  await using app = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': app.place } })
  const made = await ask(lab, ['POST', ''], {
    pattern: 'Support@Example.com',
    action: 'webhook',
    target: app.url,
  })
  const { secret } = made.body
  expect(made.status).toBe(200)
  expect(secret).toMatch(/^whsec_/)
  expect(made.body.route).toMatchObject({
    pattern: 'support@example.com',
    action: 'webhook',
    state: 'open',
  })
  const { id } = made.body.route
  expect((await ask(lab, ['GET', `/${id}`])).body.route.id).toBe(id)
  expect((await ask(lab, ['POST', `/${id}/test`])).body).toMatchObject({
    taken: true,
    status: 200,
    error: null,
  })
  const [post] = app.got
  if (!post) throw new Error('nothing was posted')
  expect(verified(secret, post)).toMatchObject({
    type: 'inbound.received',
    data: { envelope: { to: 'support@example.com' }, subject: 'A test of this route' },
  })
  const closed = await ask(lab, ['PATCH', `/${id}`], { state: 'closed', target: `${app.url}?v=2` })
  expect(closed.body.route).toMatchObject({ state: 'closed', target: `${app.url}?v=2` })
  expect((await ask(lab, ['GET', `/${id}`])).body.route).toEqual(closed.body.route)
  expect((await ask(lab, ['PATCH', `/${id}`], { state: 'open' })).body.route.state).toBe('open')
  expect((await ask(lab, ['PATCH', `/${id}`], {})).body.route.state).toBe('open')
  expect((await ask(lab, ['DELETE', `/${id}`])).body).toEqual({ success: true, removed: 1 })
  expect((await ask(lab, ['GET', `/${id}`])).status).toBe(404)
})

test('pages, the newest first', async () => {
  await using lab = await startLab()
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) {
    lab.clock.advance(1)
    const made = await ask(lab, ['POST', ''], forward(`${name}@example.com`))
    ids.unshift(made.body.route.id)
  }
  const idsOf = async (query: string) => {
    const { body } = await ask(lab, ['GET', query])
    return [body.data.map((route: { id: string }) => route.id), body.has_more]
  }
  expect(await idsOf('')).toEqual([ids, false])
  expect(await idsOf('?limit=2')).toEqual([ids.slice(0, 2), true])
  expect(await idsOf(`?limit=2&after=${ids[1]}`)).toEqual([ids.slice(2), false])
  expect(await idsOf(`?limit=1&before=${ids[2]}`)).toEqual([[ids[1]], true])
  expect((await ask(lab, ['GET', '?limit=0'])).status).toBe(422)
})

test('what cannot be is named, and nobody reaches what is not his', async () => {
  await using lab = await startLab()
  const made = await ask(lab, ['POST', ''], forward('desk@example.com'))
  const { id } = made.body.route
  for (const [body, path] of [
    [forward('desk@elsewhere.example'), 'pattern'],
    [forward('desk'), 'pattern'],
    [{ pattern: 'x@example.com', action: 'webhook', target: 'http://127.0.0.1/' }, 'target'],
    [{ pattern: 'x@example.com', action: 'forward', target: 'nobody' }, 'target'],
    [{ pattern: 'x@example.com', action: 'forward', target: 'desk@example.com' }, 'target'],
    [{ ...forward('x@example.com'), patern: 'x' }, 'patern'],
  ] as const) {
    const answer = await ask(lab, ['POST', ''], body)
    expect([answer.status, answer.body.error.fields[0].path]).toEqual([422, path])
  }
  expect(await ask(lab, ['POST', ''], forward('DESK@example.com'))).toMatchObject({
    status: 409,
    body: { error: { code: 'address_taken' } },
  })
  expect((await ask(lab, ['PATCH', `/${id}`], { state: 'closed' })).body.error.fields[0].path).toBe('state')
  expect((await ask(lab, ['POST', `/${id}/test`])).status).toBe(422)
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const stranger = must(await lab.admin.keyCreate({ account: 'other', name: 'x', mode: 'live' })).key
  const tester = must(await lab.admin.keyCreate({ account: 'default', name: 'x', mode: 'test' })).key
  for (const [method, path, body] of [
    ['GET', `/${id}`, undefined],
    ['PATCH', `/${id}`, { target: 'thief@example.net' }],
    ['POST', `/${id}/test`, undefined],
    ['DELETE', `/${id}`, undefined],
  ] as const) {
    expect((await ask(lab, [method, path], body, stranger)).status).toBe(404)
  }
  expect((await ask(lab, ['GET', ''], undefined, stranger)).body.data).toEqual([])
  expect((await ask(lab, ['POST', ''], forward('y@example.com'), tester)).body.error.code).toBe(
    'live_key_required',
  )
  expect((await ask(lab, ['DELETE', `/${id}`], undefined, tester)).body.error.code).toBe('live_key_required')
  expect((await ask(lab, ['GET', `/${id}`])).body.route.target).toBe('person@example.net')
})

const forward = (pattern: string) => ({ pattern, action: 'forward', target: 'person@example.net' })

async function ask(lab: Lab, [method, path]: readonly [string, string], body?: unknown, key?: string) {
  const answer = await lab.fetch(`/v1/inbound${path}`, {
    method,
    headers: {
      ...(key === undefined ? AUTHORIZED : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: JSON.parse(await answer.text()) }
}
