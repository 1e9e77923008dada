import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { DAY, HOUR, SECOND } from '../../../../src/core/time.ts'
import { AUTHORIZED, type Lab, must, startLab } from '../../../support/appliance.ts'
import { until } from '../../../support/until.ts'

type Json = Readonly<Record<string, unknown>>
interface Answer extends Json {
  readonly account: Json & {
    readonly id: string
    readonly state: string
    readonly usage: Readonly<Record<'day' | 'month', Json>>
  }
  readonly secret: string
  readonly message_id: string
  readonly data: readonly (Json & { readonly id: string; readonly name: string })[]
  readonly has_more: boolean
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly fields?: readonly { readonly path: string }[]
  }
}

const TOML = `
[plans.tiny]
mail_per_month = 10
[plans.daily]
mail_per_day = 2
`

let lab: Lab
let operator: string
let isLater = true
beforeAll(async () => {
  lab = await startLab({
    toml: TOML,
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && isLater && line.includes('later@') ? '450 4.2.0 later' : undefined,
    },
    config: { 'server.operator': 'ops@example.net' },
  })
  operator = must(
    await lab.admin.keyCreate({ account: 'default', name: 'op', mode: 'live', scopes: ['all', 'operator'] }),
  ).key
})
afterAll(() => lab[Symbol.asyncDispose]())

async function call(method: string, path: string, body?: unknown, secret = operator) {
  const answer = await lab.fetch(`/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer }
}
const refusal = async (method: string, path: string, body?: unknown, secret?: string) => {
  const { status, body: said } = await call(method, path, body, secret)
  return [status, said.error?.code, said.error?.fields?.[0]?.path]
}
let count = 0
/** An account of its own, with a key and a domain that it may write as. */
async function tenant(plan = 'unlimited') {
  const name = `t${++count}`
  const { account } = (await call('POST', '/accounts', { name, plan })).body
  const { secret } = (await call('POST', `/accounts/${account.id}/keys`, { name: 'first' })).body
  must(await lab.admin.domainAdd({ name: `${name}.example`, account: name }))
  const send = (fields: Json = {}) =>
    call(
      'POST',
      '/email/send',
      { from: `shop@${name}.example`, to: 'ops@example.net', subject: 'Hi', text: 'Hi', ...fields },
      secret,
    )
  return { id: account.id, name, secret, send }
}

describe('the account of a key', () => {
  test('says its plan, what it has sent, and how its sending stands', async () => {
    const { id, name, secret, send } = await tenant('tiny')
    await send({ to: ['ops@example.net', 'delivered@sandbox.mailwok.test'] })
    const { body } = await call('GET', '/account', undefined, secret)
    expect(body).toMatchObject({
      success: true,
      account: {
        id,
        name,
        plan: 'tiny',
        state: 'active',
        reason: '',
        limits: { api_per_second: null, mail_per_second: null, mail_per_month: 10, max_domains: null },
        usage: {
          day: { mails: 0, limit: null, left: null },
          month: { mails: 2, limit: 10, left: 8, renews_at: expect.stringMatching(/-01T00:00:00\.000Z$/) },
        },
        settings: { time_zone: 'UTC', contact: null },
      },
      sending: [],
    })
  })

  test('keeps settings, and what is not named stays', async () => {
    const { secret } = await tenant()
    const set = async (body: Json) =>
      (await call('PATCH', '/account', body, secret)).body.account?.['settings']
    expect(await set({ time_zone: 'Europe/Paris', contact: 'ops@shop.example' })).toEqual({
      time_zone: 'Europe/Paris',
      contact: 'ops@shop.example',
    })
    expect(await set({ contact: null })).toEqual({ time_zone: 'Europe/Paris', contact: null })
    expect(await set({})).toEqual({ time_zone: 'Europe/Paris', contact: null })
  })

  test.each([
    [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ time_zone: '+02:00' }, 'time_zone'],
    [{ time_zone: '' }, 'time_zone'],
    [{ contact: 'nobody' }, 'contact'],
    [{ plan: 'unlimited' }, 'plan'],
  ])('%j is refused', async (body, path) => {
    const { secret } = await tenant()
    expect(await refusal('PATCH', '/account', body, secret)).toEqual([422, 'validation_failed', path])
  })

  test('a test key reads it and changes nothing', async () => {
    const { id } = await tenant()
    const { secret } = (await call('POST', `/accounts/${id}/keys`, { name: 't', mode: 'test' })).body
    expect((await call('GET', '/account', undefined, secret)).status).toBe(200)
    expect(await refusal('PATCH', '/account', { time_zone: 'UTC' }, secret)).toEqual([
      403,
      'live_key_required',
      undefined,
    ])
  })
})

describe('accounts', () => {
  test('are made, listed, changed and found by id or name', async () => {
    const { id, name } = await tenant('free')
    expect((await call('GET', `/accounts/${name}`)).body.account.id).toBe(id)
    expect(
      (await call('PATCH', `/accounts/${id}`, { plan: 'starter', name: `${name}-x` })).body.account,
    ).toMatchObject({ id, plan: 'starter', name: `${name}-x`, limits: { mail_per_second: 10 } })
    const { body } = await call('GET', '/accounts?limit=1')
    expect(body).toMatchObject({ data: [{ id }], has_more: true })
    const { body: older } = await call('GET', `/accounts?limit=1000&after=${id}`)
    expect(older.data.map((one) => one.name)).toContain('default')
    expect(older.has_more).toBe(false)
  })

  test.each<readonly [body: Json, code: string, path: string | null]>([
    [{ name: 'default' }, 'name_taken', null],
    [{ name: 'a b' }, 'validation_failed', 'name'],
    [{ name: 'x'.repeat(64) }, 'validation_failed', 'name'],
    [{ name: 'acc_1', plan: 'golden' }, 'validation_failed', 'plan'],
    [{}, 'validation_failed', 'name'],
  ])('%j is refused', async (body, code, path) => {
    expect((await refusal('POST', '/accounts', body)).slice(1)).toEqual([code, path ?? undefined])
  })

  test('keys without the scope see none of it', async () => {
    for (const [method, path] of [
      ['GET', '/accounts'],
      ['POST', '/accounts'],
      ['GET', '/accounts/default'],
      ['DELETE', '/accounts/default?confirm=default'],
      ['POST', '/accounts/default/keys'],
    ] as const) {
      const answer = await lab.fetch(`/v1${path}`, { method, headers: AUTHORIZED })
      expect(answer.status).toBe(403)
    }
  })

  test('a key of an operator makes none for another operator', async () => {
    const { id } = await tenant()
    const body = { name: 'k', scopes: ['operator'] }
    expect(await refusal('POST', `/accounts/${id}/keys`, body)).toEqual([403, 'key_restricted', 'scopes'])
    expect(await refusal('POST', '/keys', body)).toEqual([403, 'key_restricted', 'scopes'])
    const { body: plain } = await call('POST', '/keys', { name: 'k' })
    expect(plain['key']).toMatchObject({ scopes: ['all'] })
  })

  test('the one that a node stands on stays', async () => {
    for (const [method, path, body] of [
      ['POST', '/accounts/default/suspend', { reason: 'No.' }],
      ['PATCH', '/accounts/default', { name: 'other' }],
      ['DELETE', '/accounts/default?confirm=default', undefined],
    ] as const) {
      expect((await refusal(method, path, body))[1]).toBe('default_account')
    }
  })
})

describe('a suspended account', () => {
  test('accepts nothing, over REST and SMTP, says why, and may still read', async () => {
    const { id, name, secret, send } = await tenant()
    const { body } = await call('POST', `/accounts/${id}/suspend`, { reason: 'Invoice 17 is open.' })
    expect(body.account).toMatchObject({ state: 'suspended', reason: 'Invoice 17 is open.' })
    const refused = await send()
    expect([refused.status, refused.body.error]).toMatchObject([
      403,
      { code: 'account_suspended', message: expect.stringContaining('Invoice 17 is open.') },
    ])
    await expect(
      lab.submit({ from: `shop@${name}.example`, to: 'ops@example.net', text: 'Hi' }, secret),
    ).rejects.toMatchObject({ responseCode: 450 })
    expect((await call('GET', '/account', undefined, secret)).body.account.state).toBe('suspended')
    await call('POST', `/accounts/${id}/resume`)
    expect((await send()).status).toBe(200)
  })

  test('keeps what it has queued, and it goes out when it is resumed', async () => {
    const { id, secret, send } = await tenant()
    await call('POST', `/accounts/${id}/suspend`, { reason: 'Wait.' })
    await call('POST', `/accounts/${id}/resume`)
    const { message_id } = (await send({ to: 'later@example.net' })).body
    const view = async () => (await call('GET', `/email/${message_id}`, undefined, secret)).body
    const attempts = async () => JSON.stringify(await view()).match(/"number":/g)?.length ?? 0
    await until('it was tried', async () => (await attempts()) === 1)
    isLater = false
    await call('POST', `/accounts/${id}/suspend`, { reason: 'Wait.' })
    await lab.advance(HOUR)
    expect(await view()).toMatchObject({ status: 'queued' })
    expect(await attempts()).toBe(1)
    await call('POST', `/accounts/${id}/resume`)
    await until('it is delivered', async () => (await view())['status'] === 'delivered')
  })

  test.each(['', 'two\nlines', 'x'.repeat(201)])('wants a reason in one line, not %p', async (reason) => {
    const { id } = await tenant()
    expect(await refusal('POST', `/accounts/${id}/suspend`, { reason })).toEqual([
      422,
      'validation_failed',
      'reason',
    ])
  })
})

describe('a quota', () => {
  test('refuses what is beyond it, says when it renews, and letters go out at 80 and 100 percent', async () => {
    const { secret, send, name } = await tenant('tiny')
    await call('PATCH', '/account', { contact: 'boss@example.net' }, secret)
    for (let i = 0; i < 10; i++) expect((await send()).status).toBe(200)
    const refused = await send()
    expect([refused.status, refused.body.error?.code]).toEqual([429, 'quota_exceeded'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(HOUR / SECOND)
    const letters = () =>
      lab.mx.messages.filter(({ bytes }) => bytes.toString().includes(`account ${name} has sent`))
    await until('four letters arrived', async () => letters().length === 4)
    expect(
      letters()
        .flatMap(({ forwardPaths }) => forwardPaths)
        .toSorted(),
    ).toEqual(['boss@example.net', 'boss@example.net', 'ops@example.net', 'ops@example.net'])
    const { secret: played } = (await call('POST', '/keys', { name: 't', mode: 'test' }, secret)).body
    const test = { from: `shop@${name}.example`, to: 'a@example.net', subject: 'Hi', text: 'Hi' }
    expect((await call('POST', '/email/send', test, played)).status).toBe(200)
  })

  test('of a day begins anew at midnight, and another plan counts at once', async () => {
    const { id, name, secret, send } = await tenant('daily')
    await send()
    // Nothing is said that is not so: one is left, and two are asked for.
    const two = {
      from: `shop@${name}.example`,
      to: ['a@example.net', 'b@example.net'],
      subject: 'Hi',
      text: 'Hi',
    }
    expect((await call('POST', '/email/send', two, secret)).body.error?.message).toContain(
      'not so many are left',
    )
    await send()
    expect((await send()).body.error?.code).toBe('quota_exceeded')
    lab.clock.jump(DAY)
    expect((await send()).status).toBe(200)
    await send()
    expect((await send()).status).toBe(429)
    await call('PATCH', `/accounts/${id}`, { plan: 'unlimited' })
    expect((await send()).status).toBe(200)
  })

  test('holds over SMTP with 450', async () => {
    const { name, secret } = await tenant('daily')
    const letter = { from: `shop@${name}.example`, to: 'ops@example.net', subject: 'Hi', text: 'Hi' }
    await lab.submit(letter, secret)
    await lab.submit(letter, secret)
    await expect(lab.submit(letter, secret)).rejects.toMatchObject({
      responseCode: 450,
      response: expect.stringContaining('4.7.1'),
    })
  })
})
