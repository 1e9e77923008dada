import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { SCOPES } from '../../../../src/core/access.ts'
import { DAY, HOUR } from '../../../../src/core/time.ts'
import { AUTHORIZED, type Lab, startLab } from '../../../support/appliance.ts'

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

describe('scopes', () => {
  test('open what they name and nothing else', async () => {
    const { secret } = await made({ scopes: ['email:send'] })
    expect((await send(secret)).status).toBe(200)
    expect(await refusal('GET', '/keys', undefined, secret)).toEqual([403, 'missing_scope', 'Authorization'])
    expect(await refusal('GET', '/email/msg_000000000000', undefined, secret)).toEqual([
      403,
      'missing_scope',
      'Authorization',
    ])
    const { secret: reads } = await made({ scopes: ['email:read', 'stats:read'] })
    expect((await send(reads)).body.error?.code).toBe('missing_scope')
    expect((await call('GET', '/email/msg_000000000000', undefined, reads)).status).toBe(404)
    expect((await call('GET', '/stats', undefined, reads)).status).toBe(200)
  })

  test.each([
    '/%6beys',
    '/%61ccounts',
    '//keys',
    '/KEYS',
    '/keys/',
    '/./keys',
    '/email/../keys',
    '/keys?x=/v1/email',
    '/keys;email',
  ])('are asked however the path is spelled: %s', async (path) => {
    const { secret } = await made({ scopes: ['email:read'] })
    const { body, status } = await call('GET', path, undefined, secret)
    expect([403, 404]).toContain(status)
    expect(body.data).toBeUndefined()
  })

  test('are asked before a body is read', async () => {
    const { secret } = await made({ scopes: ['email:read'] })
    const answer = await lab.fetch('/v1/email/send', {
      method: 'POST',
      headers: { ...bearer(secret), 'content-type': 'application/json' },
      body: '{ this is no JSON',
    })
    expect(answer.status).toBe(403)
  })

  test.each(SCOPES.filter((scope) => scope !== 'operator'))('%s can be given', async (scope) => {
    expect((await made({ scopes: [scope] })).key['scopes']).toEqual([scope])
  })

  test('operator is given on the machine alone, and all does not have it', async () => {
    expect(await refusal('POST', '/keys', { name: 'k', scopes: ['operator'] })).toEqual([
      403,
      'key_restricted',
      'scopes',
    ])
    expect(await refusal('GET', '/accounts')).toEqual([403, 'missing_scope', 'Authorization'])
  })

  test('without sending open no session over SMTP', async () => {
    const { secret } = await made({ scopes: ['email:read'] })
    await expect(lab.submit({ text: 'Hi' }, secret)).rejects.toMatchObject({ responseCode: 535 })
    const { secret: sends } = await made({ scopes: ['email:send'] })
    expect(await lab.submit({ subject: 'Hi', text: 'Hi' }, sends)).toContain('250')
  })
})

describe('senders', () => {
  test.each([
    ['shop@example.com', 200],
    ['SHOP@Example.Com', 200],
    ['shop@mail.example.com', 403],
    ['other@example.com', 403],
  ])('an address opens itself alone: %s', async (from, status) => {
    const { secret } = await made({ addresses: ['shop@example.com'] })
    expect((await send(secret, from)).status).toBe(status)
  })

  test('hold over SMTP as well, by the From field', async () => {
    const { secret } = await made({ domains: ['other.example'] })
    await expect(lab.submit({ subject: 'Hi', text: 'Hi' }, secret)).rejects.toMatchObject({
      responseCode: 550,
      response: expect.stringContaining('5.7.1 This key may not write as shop@example.com'),
    })
    expect((await send(secret)).body.error).toMatchObject({
      code: 'key_restricted',
      fields: [{ path: 'from' }],
    })
  })

  test('hold for each of several authors, whoever the Sender is', async () => {
    const { secret } = await made({ addresses: ['shop@example.com', 'till@example.com'] })
    const raw = (from: string) => ({
      envelope: { from: 'shop@example.com', to: ['rcpt@example.net'] },
      raw: `From: ${from}\r\nSender: shop@example.com\r\nTo: rcpt@example.net\r\nSubject: Hi\r\n\r\nHi\r\n`,
    })
    expect(await lab.submit(raw('shop@example.com, till@example.com'), secret)).toContain('250')
    await expect(lab.submit(raw('chief@example.com, shop@example.com'), secret)).rejects.toMatchObject({
      responseCode: 550,
      response: expect.stringContaining('5.7.1 This key may not write as chief@example.com'),
    })
  })

  test('hold for test keys too, or a test would promise what live mail cannot do', async () => {
    const { secret } = await made({ mode: 'test', domains: ['other.example'] })
    expect((await send(secret)).body.error?.code).toBe('key_restricted')
  })
})

describe('networks', () => {
  test('outside of them a key is as unknown as any', async () => {
    const { secret } = await made({ networks: ['192.0.2.0/24', '2001:db8::/32'] })
    // Who shows wrong keys waits for his answers.
    const refused = await lab.meanwhile(refusal('GET', '/stats', undefined, secret))
    expect(refused).toEqual([401, 'unauthorized', undefined])
    await expect(lab.meanwhile(lab.submit({ text: 'Hi' }, secret))).rejects.toMatchObject({
      responseCode: 535,
    })
    const { key, secret: inside } = await made({ networks: ['127.0.0.77/8'] })
    expect(key['networks']).toEqual(['127.0.0.0/8'])
    expect((await call('GET', '/stats', undefined, inside)).status).toBe(200)
  })
})

describe('expiry', () => {
  test('ends a key to the moment', async () => {
    const at = new Date(lab.clock.now() + HOUR).toISOString()
    const { key, secret } = await made({ expires_at: at })
    expect((await call('GET', '/stats', undefined, secret)).status).toBe(200)
    await lab.advance(HOUR)
    expect((await call('GET', '/stats', undefined, secret)).status).toBe(401)
    expect((await call('GET', `/keys/${key.id}`)).body.key).toMatchObject({
      state: 'expired',
      expires_at: at,
    })
  })

  test.each(['2020-01-01T00:00:00Z', 'tomorrow', ''])('%p is refused', async (expires_at) => {
    expect(await refusal('POST', '/keys', { name: 'k', expires_at })).toEqual([
      422,
      'validation_failed',
      'expires_at',
    ])
  })
})

describe('a key gives no more than it has', () => {
  test.each<readonly [wish: Json, path: string]>([
    [{ scopes: ['all'] }, 'scopes'],
    [{ scopes: ['templates'] }, 'scopes'],
    [{ domains: ['example.org'] }, 'domains'],
    [{ domains: [], addresses: [] }, 'addresses'],
    [{ domains: [], addresses: ['a@example.org'] }, 'addresses'],
    [{ networks: ['0.0.0.0/0'] }, 'networks'],
    [{ networks: [] }, 'networks'],
    [{ expires_at: null }, 'expires_at'],
    [{ expires_at: '2099-01-01T00:00:00Z' }, 'expires_at'],
  ])('%j', async (wish, path) => {
    const { secret } = await made({
      scopes: ['keys', 'email:send'],
      domains: ['example.com'],
      networks: ['127.0.0.0/8'],
      expires_at: new Date(lab.clock.now() + DAY).toISOString(),
    })
    expect(await refusal('POST', '/keys', { name: 'more', ...wish }, secret)).toEqual([
      403,
      'key_restricted',
      path,
    ])
    const less = { scopes: ['email:send'], domains: ['mail.example.com'], networks: ['127.0.0.1'] }
    expect((await made({ name: 'less', ...less }, secret)).key).toMatchObject({
      ...less,
      networks: ['127.0.0.1/32'],
      expires_at: expect.any(String),
    })
    const { key: whole } = await made({})
    for (const [method, way] of [
      ['PATCH', ''],
      ['POST', '/rotate'],
      ['DELETE', ''],
    ] as const) {
      const body = method === 'PATCH' ? { name: 'mine' } : undefined
      expect(await refusal(method, `/keys/${whole.id}${way}`, body, secret)).toEqual([
        403,
        'key_restricted',
        undefined,
      ])
    }
  })

  test('nor does it widen itself', async () => {
    const { key, secret } = await made({ scopes: ['keys'] })
    expect(await refusal('PATCH', `/keys/${key.id}`, { scopes: ['all'] }, secret)).toEqual([
      403,
      'key_restricted',
      'scopes',
    ])
  })

  test('a test key makes test keys and touches no live one', async () => {
    const { secret } = await made({ mode: 'test' })
    const { key: live } = await made({})
    expect((await made({ name: 't' }, secret)).key['mode']).toBe('test')
    expect(await refusal('POST', '/keys', { name: 'k', mode: 'live' }, secret)).toEqual([
      403,
      'key_restricted',
      'mode',
    ])
    expect(await refusal('DELETE', `/keys/${live.id}`, undefined, secret)).toEqual([
      403,
      'live_key_required',
      undefined,
    ])
  })
})
