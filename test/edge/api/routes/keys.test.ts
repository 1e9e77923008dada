import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { HOUR } from '../../../../src/core/time.ts'
import { AUTHORIZED, type Lab, must, startLab } from '../../../support/appliance.ts'

type Json = Readonly<Record<string, unknown>>
interface Answer extends Json {
  readonly key: Json & { readonly id: string; readonly prefix: string }
  readonly previous: Json
  readonly secret: string
  readonly data: readonly (Json & { readonly id: string })[]
  readonly has_more: boolean
  readonly error?: { readonly code: string; readonly fields?: readonly { readonly path: string }[] }
}

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

async function call(method: string, path: string, body?: unknown, secret?: string) {
  const answer = await lab.fetch(`/v1${path}`, {
    method,
    headers: {
      ...(secret === undefined ? AUTHORIZED : bearer(secret)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Answer }
}
const made = async (body: Json, secret?: string) => {
  const answer = await call('POST', '/keys', { name: 'k', ...body }, secret)
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body
}
const refusal = async (method: string, path: string, body?: unknown, secret?: string) => {
  const { status, body: said } = await call(method, path, body, secret)
  return [status, said.error?.code, said.error?.fields?.[0]?.path]
}
const send = (secret: string, from = 'shop@example.com') =>
  call('POST', '/email/send', { from, to: 'rcpt@example.net', subject: 'Hi', text: 'Hi' }, secret)

test('a key has these parts, and its secret is told where it is made and nowhere else', async () => {
  const { key, secret } = await made({ name: 'shop' })
  expect(secret).toMatch(/^mwk_live_[0-9A-Za-z]{40}$/)
  expect(key).toEqual({
    id: expect.stringMatching(/^key_[0-9a-z]{12}$/),
    name: 'shop',
    mode: 'live',
    prefix: secret.slice(0, 13),
    state: 'active',
    scopes: ['all'],
    domains: [],
    addresses: [],
    networks: [],
    created_at: expect.any(String),
    expires_at: null,
    last_used_at: null,
    last_used_from: null,
    revoked_at: null,
  })
  expect((await call('GET', `/keys/${key.id}`)).body.key).toEqual(key)
  expect(JSON.stringify((await call('GET', '/keys')).body)).not.toContain(secret)
})

test('last use is told with its address', async () => {
  const { key, secret } = await made({})
  await call('GET', '/stats', undefined, secret)
  await lab.advance(31_000)
  expect((await call('GET', `/keys/${key.id}`)).body.key).toMatchObject({
    last_used_at: expect.any(String),
    last_used_from: '127.0.0.1',
  })
})

test('what is changed counts at once, and what is not named stays', async () => {
  const { key, secret } = await made({ name: 'before', domains: ['example.com'] })
  const changed = await call('PATCH', `/keys/${key.id}`, { scopes: ['email:read'] })
  expect(changed.body.key).toMatchObject({ name: 'before', scopes: ['email:read'], domains: ['example.com'] })
  expect((await send(secret)).status).toBe(403)
  expect((await call('PATCH', `/keys/${key.id}`, {})).body.key).toEqual(changed.body.key)
})

describe('rotating', () => {
  test('both open for the overlap, and then the new one alone', async () => {
    const { key, secret } = await made({ name: 'shop', scopes: ['stats:read'] })
    const rotated = await call('POST', `/keys/${key.id}/rotate?overlap=1h`)
    expect(rotated.body.key).toMatchObject({ name: 'shop', scopes: ['stats:read'], state: 'active' })
    expect(rotated.body.key.id).not.toBe(key.id)
    expect(rotated.body.previous).toMatchObject({
      id: key.id,
      state: 'active',
      expires_at: expect.any(String),
    })
    for (const one of [secret, rotated.body.secret]) {
      expect((await call('GET', '/stats', undefined, one)).status).toBe(200)
    }
    await lab.advance(HOUR)
    expect((await call('GET', '/stats', undefined, secret)).status).toBe(401)
    expect((await call('GET', '/stats', undefined, rotated.body.secret)).status).toBe(200)
    expect(await refusal('POST', `/keys/${key.id}/rotate`)).toEqual([404, 'not_found', undefined])
  })

  test('with no overlap the one before ends at once', async () => {
    const { key, secret } = await made({})
    const rotated = await call('POST', `/keys/${key.id}/rotate?overlap=0s`)
    expect(rotated.body.previous).toMatchObject({ state: 'revoked' })
    expect((await call('GET', '/stats', undefined, secret)).status).toBe(401)
  })

  test.each(['31d', '1w', '-1h', ''])('an overlap of %p is refused', async (overlap) => {
    const { key } = await made({})
    expect((await refusal('POST', `/keys/${key.id}/rotate?overlap=${overlap}`))[2]).toBe('overlap')
  })
})

test('a revoked key opens nothing, stays in the list, and is not changed', async () => {
  const { key, secret } = await made({})
  expect((await call('DELETE', `/keys/${key.id}`)).body.key).toMatchObject({ state: 'revoked' })
  expect((await call('GET', '/stats', undefined, secret)).status).toBe(401)
  expect((await call('DELETE', `/keys/${key.id}`)).status).toBe(200)
  expect((await call('PATCH', `/keys/${key.id}`, { name: 'x' })).status).toBe(404)
  const { body } = await call('GET', '/keys?state=revoked&limit=500')
  expect(body.data.map(({ id }) => id)).toContain(key.id)
})

test('pages go both ways, the newest first', async () => {
  const { data: all } = (await call('GET', '/keys?limit=500')).body
  expect(all.map(({ id }) => id)).toEqual(
    all
      .map(({ id }) => id)
      .toSorted()
      .toReversed(),
  )
  const first = (await call('GET', '/keys?limit=2')).body
  expect(first).toMatchObject({ data: all.slice(0, 2), has_more: true })
  const second = (await call('GET', `/keys?limit=2&after=${first.data[1]?.id}`)).body
  expect(second.data).toEqual(all.slice(2, 4))
  const back = (await call('GET', `/keys?limit=2&before=${second.data[0]?.id}`)).body
  expect(back).toMatchObject({ data: all.slice(0, 2), has_more: false })
  expect((await call('GET', `/keys?after=${all[all.length - 1]?.id}`)).body).toMatchObject({
    data: [],
    has_more: false,
  })
})

test.each<readonly [body: Json, path: string]>([
  [{}, 'name'],
  [{ name: '' }, 'name'],
  [{ name: 'k', mode: 'dead' }, 'mode'],
  [{ name: 'k', scopes: [] }, 'scopes'],
  [{ name: 'k', scopes: ['email:sent'] }, 'scopes[0]'],
  [{ name: 'k', domains: ['not a domain'] }, 'domains[0]'],
  [{ name: 'k', addresses: ['nobody'] }, 'addresses[0]'],
  [{ name: 'k', networks: ['10.0.0.0/33'] }, 'networks[0]'],
  [{ name: 'k', networks: ['everywhere'] }, 'networks[0]'],
  [{ name: 'k', scope: ['all'] }, 'scope'],
])('%j is refused', async (body, path) => {
  expect(await refusal('POST', '/keys', body)).toEqual([422, 'validation_failed', path])
})

test('another account has none of them', async () => {
  const { key } = await made({})
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const { key: theirs } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
  expect((await call('GET', '/keys?limit=500', undefined, theirs)).body.data).toHaveLength(1)
  for (const [method, way, body] of [
    ['GET', '', undefined],
    ['PATCH', '', { name: 'x' }],
    ['POST', '/rotate', undefined],
    ['DELETE', '', undefined],
  ] as const) {
    expect((await call(method, `/keys/${key.id}${way}`, body, theirs)).status).toBe(404)
  }
})
