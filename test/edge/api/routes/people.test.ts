import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { TOTP } from 'otpauth'
import { HOUR, MINUTE, SECOND } from '../../../../src/core/time.ts'
import { AUTHORIZED, type Lab, must, startLab } from '../../../support/appliance.ts'
import { TEST_KEY } from '../../../support/lab-folder.ts'
import { until } from '../../../support/until.ts'

type Json = Readonly<Record<string, unknown>>
interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: shapes are what these tests are about
  readonly body: any
}

const PASSWORD = 'a horse that is correct'
const OWNER = 'owner@example.net'

let lab: Lab
let owner: string

const call = async (
  method: string,
  path: string,
  body?: Json,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const answer = await lab.fetch(path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const said = ({ body, status }: Answer) => [status, body.error?.code]

const add = (address: string, role: string, account = 'default', password: string | null = PASSWORD) =>
  lab.admin.userAdd({ address, role, account, name: '', password })
const login = (email: string, more: Json = {}) =>
  patiently(call('POST', '/v1/sessions', { email, password: PASSWORD, ...more }))
const loggedIn = async (email: string): Promise<string> => {
  const { body, status } = await login(email)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body.token
}
/** The token in the newest letter to an address. */
const tokenIn = async (to: string): Promise<string> => {
  const found = (): string | undefined =>
    lab.mx.messages
      .filter(({ forwardPaths }) => forwardPaths.some((one) => one.toLowerCase().includes(to)))
      .map(({ bytes }) => /\bmw[ir]_\w{40}/.exec(bytes.toString().replaceAll('=\r\n', ''))?.[0])
      .findLast((token) => token !== undefined)
  await until(`a letter to ${to} came`, () => found() !== undefined)
  return found() ?? ''
}
/** What waits because it was wrong before has its answer when the clock moves. */
const patiently = async <T>(asked: Promise<T>): Promise<T> => {
  const late = Symbol('late')
  const first = await Promise.race([asked, Bun.sleep(1500).then(() => late)])
  return first === late ? lab.meanwhile(asked) : asked
}

/** What was guessed wrongly in one part is forgiven in the next. */
const forgiven = () => lab.advance(11 * MINUTE)

beforeAll(async () => {
  lab = await startLab()
  must(await add(OWNER, 'owner'))
  owner = await loggedIn(OWNER)
})
afterAll(() => lab[Symbol.asyncDispose]())

describe('logging in', () => {
  afterAll(forgiven)

  test('a session has the scopes of its role and no more', async () => {
    must(await add('viewer@example.net', 'viewer'))
    const viewer = bearer(await loggedIn('Viewer@Example.net'))
    const me = await call('GET', '/v1/me', undefined, viewer)
    expect(me.body.me).toMatchObject({
      email: 'viewer@example.net',
      role: 'viewer',
      scopes: ['email:read', 'events:read', 'stats:read'],
      account: { name: 'default', role: 'viewer' },
      two_factor: false,
      recovery_codes_left: 0,
    })
    expect((await call('GET', '/v1/email', undefined, viewer)).status).not.toBe(403)
    expect(said(await call('GET', '/v1/users', undefined, viewer))).toEqual([403, 'missing_scope'])
    const letter = { from: 'shop@example.com', to: 'a@example.net', subject: 's', text: 't' }
    expect(said(await call('POST', '/v1/email/send', letter, viewer))).toEqual([403, 'missing_scope'])
    expect((await call('POST', '/v1/email/send', letter, bearer(owner))).body.status).toBe('queued')
  })

  test('nobody learns what was wrong', async () => {
    const wrong = await login(OWNER, { password: 'a horse that is wrong' })
    const nobody = await login('nobody@example.net')
    expect(said(wrong)).toEqual([401, 'invalid_login'])
    const { request_id: _one, ...first } = wrong.body.error
    const { request_id: _other, ...second } = nobody.body.error
    expect(second).toEqual(first)
  })

  test('a key is nobody, and a session that is made up opens nothing', async () => {
    expect(said(await call('GET', '/v1/me', undefined, AUTHORIZED))).toEqual([403, 'session_required'])
    expect(said(await call('GET', '/v1/sessions', undefined, AUTHORIZED))).toEqual([403, 'session_required'])
    expect(said(await call('GET', '/v1/me', undefined, bearer(`mws_${'x'.repeat(40)}`)))).toEqual([
      401,
      'unauthorized',
    ])
  })

  test('bodies of strangers are small', async () => {
    const long = await login('x'.repeat(200_000))
    expect(said(long)).toEqual([413, 'body_too_large'])
  })

  test('logging out, and ending the others', async () => {
    must(await add('two@example.net', 'viewer'))
    const first = await loggedIn('two@example.net')
    const second = await loggedIn('two@example.net')
    const third = await loggedIn('two@example.net')
    expect((await call('GET', '/v1/sessions', undefined, bearer(first))).body.data).toHaveLength(3)
    expect((await call('DELETE', '/v1/sessions/current', undefined, bearer(second))).body.ended).toBe(1)
    expect((await call('GET', '/v1/me', undefined, bearer(second))).status).toBe(401)
    expect((await call('DELETE', '/v1/sessions', undefined, bearer(first))).body.ended).toBe(1)
    expect((await call('GET', '/v1/me', undefined, bearer(third))).status).toBe(401)
    expect((await call('GET', '/v1/me', undefined, bearer(first))).status).toBe(200)
    const mine = (await call('GET', '/v1/sessions', undefined, bearer(first))).body.data[0].id
    expect(said(await call('DELETE', `/v1/sessions/${mine}`, undefined, bearer(owner)))).toEqual([
      404,
      'not_found',
    ])
  })
})

describe('a cookie', () => {
  const ours = () => ({ origin: `http://127.0.0.1:${lab.port('api.http')}` })
  const opened = async () => {
    const answer = await call(
      'POST',
      '/v1/sessions',
      { email: OWNER, password: PASSWORD, cookie: true },
      ours(),
    )
    const cookie = answer.headers.get('set-cookie') ?? ''
    return { answer, cookie, sent: { cookie: cookie.split(';')[0] ?? '' }, csrf: answer.body.csrf_token }
  }

  test('is for this host, over TLS, out of reach of scripts and of other sites', async () => {
    const { answer, cookie } = await opened()
    expect(answer.body.token).toBeNull()
    expect(cookie).toMatch(
      /^__Host-mailwok=mws_\w{40}; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$/,
    )
  })

  test('reads alone, and changes with the token of its login', async () => {
    const { csrf, sent } = await opened()
    const me = await call('GET', '/v1/me', undefined, sent)
    expect([me.status, me.body.csrf_token]).toEqual([200, csrf])
    const change = (headers: Readonly<Record<string, string>>) =>
      call('PATCH', '/v1/me', { name: 'Ann' }, { ...sent, ...headers })
    expect(said(await change({}))).toEqual([403, 'cross_site_request'])
    expect(said(await change({ 'x-csrf-token': 'x' }))).toEqual([403, 'cross_site_request'])
    expect((await change({ 'x-csrf-token': csrf, ...ours() })).body.me.name).toBe('Ann')
  })

  test.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'none' }],
  ])('never works for another site: %p', async (from: Readonly<Record<string, string>>) => {
    const { csrf, sent } = await opened()
    const headers = { ...sent, 'x-csrf-token': csrf, ...from }
    expect(said(await call('PATCH', '/v1/me', { name: 'Eve' }, headers))).toEqual([403, 'cross_site_request'])
    const again = { email: OWNER, password: PASSWORD, cookie: true }
    expect(said(await call('POST', '/v1/sessions', again, from))).toEqual([403, 'cross_site_request'])
  })

  test('goes with the log-out, and a second one beside it counts as none', async () => {
    const { csrf, sent } = await opened()
    const twice = { cookie: `${sent.cookie}; __Host-mailwok=mws_evil` }
    expect((await call('GET', '/v1/me', undefined, twice)).status).toBe(401)
    const out = await call('DELETE', '/v1/sessions/current', undefined, { ...sent, 'x-csrf-token': csrf })
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await call('GET', '/v1/me', undefined, sent)).status).toBe(401)
  })
})

describe('people of an account', () => {
  afterAll(forgiven)

  test('are invited by letter, come in by its token, once', async () => {
    const invited = await call(
      'POST',
      '/v1/invitations',
      { email: 'Bob@example.net', role: 'developer' },
      bearer(owner),
    )
    expect(invited.body).toMatchObject({
      posted: true,
      invitation: { email: 'bob@example.net', role: 'developer' },
    })
    expect(JSON.stringify(invited.body)).not.toContain('mwi_')
    const token = await tokenIn('bob@example.net')
    const accept = (password: string) =>
      call('POST', '/v1/invitations/accept', { token, password, name: 'Bob' })
    expect(said(await accept('short'))).toEqual([422, 'validation_failed'])
    const accepted = await accept(PASSWORD)
    expect(accepted.body).toMatchObject({ role: 'developer', user: { email: 'bob@example.net' } })
    expect(said(await accept(PASSWORD))).toEqual([422, 'invalid_token'])
    expect(
      (await call('GET', '/v1/me', undefined, bearer(await loggedIn('bob@example.net')))).body.me.name,
    ).toBe('Bob')
    const again = await call(
      'POST',
      '/v1/invitations',
      { email: 'bob@example.net', role: 'viewer' },
      bearer(owner),
    )
    expect(said(again)).toEqual([409, 'already_member'])
  })

  test('an invitation ends when it is revoked', async () => {
    const invite = (email: string) =>
      call('POST', '/v1/invitations', { email, role: 'viewer' }, bearer(owner)).then(
        (one) => one.body.invitation.id,
      )
    const id = await invite('carol@example.net')
    const token = await tokenIn('carol@example.net')
    expect((await call('DELETE', `/v1/invitations/${id}`, undefined, bearer(owner))).status).toBe(200)
    expect(said(await call('POST', '/v1/invitations/accept', { token, password: PASSWORD }))).toEqual([
      422,
      'invalid_token',
    ])
    expect(said(await call('DELETE', `/v1/invitations/${id}`, undefined, bearer(owner)))).toEqual([
      404,
      'not_found',
    ])
  })

  test('owners are for owners; a key makes none; the last one stays', async () => {
    must(await add('admin@example.net', 'admin'))
    const admin = bearer(await loggedIn('admin@example.net'))
    const users = (await call('GET', '/v1/users', undefined, admin)).body.data
    const idOf = (email: string) => users.find((one: { email: string }) => one.email === email).id
    for (const who of [admin, AUTHORIZED]) {
      const given = await call('POST', '/v1/invitations', { email: 'x@example.net', role: 'owner' }, who)
      expect(said(given)).toEqual([403, 'role_not_allowed'])
      const taken = await call('PATCH', `/v1/users/${idOf(OWNER)}`, { role: 'viewer' }, who)
      expect(said(taken)).toEqual([403, 'role_not_allowed'])
      expect(said(await call('DELETE', `/v1/users/${idOf(OWNER)}`, undefined, who))).toEqual([
        403,
        'role_not_allowed',
      ])
      const raised = await call('PATCH', `/v1/users/${idOf('admin@example.net')}`, { role: 'owner' }, who)
      expect(said(raised)).toEqual([403, 'role_not_allowed'])
    }
    const last = await call('DELETE', `/v1/users/${idOf(OWNER)}`, undefined, bearer(owner))
    expect(said(last)).toEqual([409, 'last_owner'])
    const test = bearer(TEST_KEY)
    const byTest = await call('PATCH', `/v1/users/${idOf('admin@example.net')}`, { role: 'viewer' }, test)
    expect(said(byTest)).toEqual([403, 'live_key_required'])
  })

  test('who is disabled is out at once, also with a session that was in use', async () => {
    must(await add('out@example.net', 'developer'))
    const out = bearer(await loggedIn('out@example.net'))
    expect((await call('GET', '/v1/me', undefined, out)).status).toBe(200)
    const { id } = (await call('GET', '/v1/me', undefined, out)).body.me
    const path = `/v1/users/${id}`
    expect((await call('PATCH', path, { state: 'disabled' }, bearer(owner))).body.user.state).toBe('disabled')
    expect((await call('GET', '/v1/me', undefined, out)).status).toBe(401)
    expect(said(await login('out@example.net'))).toEqual([401, 'invalid_login'])
    expect((await call('PATCH', path, { state: 'active' }, bearer(owner))).status).toBe(200)
    expect((await login('out@example.net')).status).toBe(200)
    expect((await call('DELETE', path, undefined, bearer(owner))).status).toBe(200)
    expect(said(await call('GET', path, undefined, bearer(owner)))).toEqual([404, 'not_found'])
  })

  test('another account neither sees nor touches them, and one person may be in both', async () => {
    must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
    must(await add('theirs@example.net', 'owner', 'other'))
    const theirs = bearer(await loggedIn('theirs@example.net'))
    const mine = (await call('GET', '/v1/users', undefined, bearer(owner))).body.data[0].id
    expect((await call('GET', '/v1/users', undefined, theirs)).body.data).toHaveLength(1)
    for (const [method, body] of [['GET'], ['PATCH', { role: 'viewer' }], ['DELETE']] as const) {
      expect((await call(method, `/v1/users/${mine}`, body, theirs)).status).toBe(404)
    }
    await call('POST', '/v1/invitations', { email: OWNER, role: 'viewer' }, theirs)
    const token = await tokenIn(OWNER)
    const wrong = { token, password: 'some other password' }
    expect(said(await call('POST', '/v1/invitations/accept', wrong))).toEqual([401, 'invalid_login'])
    expect((await call('POST', '/v1/invitations/accept', { token, password: PASSWORD })).status).toBe(200)
    const me = (await call('GET', '/v1/me', undefined, bearer(owner))).body.me
    expect(me.accounts.map(({ name, role }: Json) => `${name} ${role}`)).toEqual([
      'default owner',
      'other viewer',
    ])
    const turned = await call('POST', '/v1/me/account', { account: me.accounts[1].id }, bearer(owner))
    expect(turned.body.me.account).toMatchObject({ name: 'other', role: 'viewer' })
    expect(said(await call('GET', '/v1/users', undefined, bearer(owner)))).toEqual([403, 'missing_scope'])
    await call('POST', '/v1/me/account', { account: me.accounts[0].id }, bearer(owner))
    expect(said(await call('POST', '/v1/me/account', { account: 'acc_0' }, bearer(owner)))).toEqual([
      404,
      'not_found',
    ])
  })
})

describe('passwords', () => {
  afterAll(forgiven)

  test('changing one wants the old one, and ends the other sessions', async () => {
    must(await add('change@example.net', 'viewer'))
    const here = bearer(await loggedIn('change@example.net'))
    const there = bearer(await loggedIn('change@example.net'))
    const change = (current: string, next: string) =>
      call('POST', '/v1/me/password', { current_password: current, password: next }, here)
    expect(said(await change('wrong wrong wrong', 'another horse, longer'))).toEqual([401, 'invalid_login'])
    expect(said(await change(PASSWORD, 'aaaaaaaaaaaaaa'))).toEqual([422, 'validation_failed'])
    expect(said(await change(PASSWORD, 'change@example.net'))).toEqual([422, 'validation_failed'])
    expect((await change(PASSWORD, 'another horse, longer')).status).toBe(200)
    expect((await call('GET', '/v1/me', undefined, there)).status).toBe(401)
    expect((await call('GET', '/v1/me', undefined, here)).status).toBe(200)
    expect(said(await login('change@example.net'))).toEqual([401, 'invalid_login'])
  })

  test('a forgotten one is replaced by letter, once, within an hour', async () => {
    must(await add('forgot@example.net', 'viewer'))
    const session = bearer(await loggedIn('forgot@example.net'))
    const ask = (email: string) => call('POST', '/v1/password-resets', { email })
    const nobody = await ask('nobody@example.net')
    expect(nobody.body).toEqual({ success: true })
    expect((await ask('Forgot@example.net')).body).toEqual(nobody.body)
    const token = await tokenIn('forgot@example.net')
    const confirm = (given: string) =>
      call('POST', '/v1/password-resets/confirm', { token: given, password: 'a horse that is new' })
    expect(said(await confirm(`mwr_${'0'.repeat(40)}`))).toEqual([422, 'invalid_token'])
    expect((await confirm(token)).status).toBe(200)
    expect(said(await confirm(token))).toEqual([422, 'invalid_token'])
    expect((await call('GET', '/v1/me', undefined, session)).status).toBe(401)
    expect((await login('forgot@example.net', { password: 'a horse that is new' })).status).toBe(200)
    const late = must(await lab.admin.userReset({ address: 'forgot@example.net', codes: false })).token
    await lab.advance(HOUR + SECOND)
    expect(said(await confirm(late))).toEqual([422, 'invalid_token'])
  })
})

describe('one-time codes', () => {
  test('are asked for once they are confirmed, and none is taken twice', async () => {
    must(await add('codes@example.net', 'owner'))
    const who = bearer(await loggedIn('codes@example.net'))
    const begun = await call('POST', '/v1/me/totp', { password: PASSWORD }, who)
    expect(begun.body.uri).toStartWith('otpauth://totp/MailWok%20mail.lab.test:codes%40example.net?')
    const device = new TOTP({ secret: begun.body.secret })
    const now = () => device.generate({ timestamp: lab.clock.now() })
    // Nothing is asked for yet.
    expect((await login('codes@example.net')).status).toBe(200)
    expect(said(await call('POST', '/v1/me/totp/confirm', { code: '000000' }, who))).toEqual([
      422,
      'validation_failed',
    ])
    const on = await call('POST', '/v1/me/totp/confirm', { code: now() }, who)
    expect(on.body.recovery_codes).toHaveLength(10)
    expect(said(await login('codes@example.net'))).toEqual([401, 'code_required'])
    expect(said(await login('codes@example.net', { password: 'wrong', code: now() }))).toEqual([
      401,
      'invalid_login',
    ])
    // The code that switched it on is used up.
    expect(said(await login('codes@example.net', { code: now() }))).toEqual([401, 'invalid_login'])
    await lab.advance(30 * SECOND)
    const code = now()
    const both = await Promise.all([
      login('codes@example.net', { code }),
      login('codes@example.net', { code }),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401])
    const [spare] = on.body.recovery_codes
    expect((await login('codes@example.net', { code: spare.toUpperCase() })).status).toBe(200)
    expect(said(await login('codes@example.net', { code: spare }))).toEqual([401, 'invalid_login'])
    await lab.advance(MINUTE)
    expect((await call('GET', '/v1/me', undefined, who)).body.me).toMatchObject({
      two_factor: true,
      recovery_codes_left: 9,
    })
    const off = (code: string) => call('POST', '/v1/me/totp/disable', { password: PASSWORD, code }, who)
    expect(said(await off(''))).toEqual([401, 'code_required'])
    expect((await off(now())).status).toBe(200)
    expect((await login('codes@example.net')).status).toBe(200)
  })
})

describe('time', () => {
  test('an invitation ends after seven days', async () => {
    const { token } = must(await add('late@example.net', 'viewer', 'default', null))
    lab.clock.advance(7 * 24 * HOUR)
    const late = await call('POST', '/v1/invitations/accept', { token: token ?? '', password: PASSWORD })
    expect(said(late)).toEqual([422, 'invalid_token'])
    owner = await loggedIn(OWNER)
    expect((await call('GET', '/v1/invitations', undefined, bearer(owner))).body.data).toEqual([])
  })

  test('a session ends after twelve idle hours, and after fourteen days however it is used', async () => {
    must(await add('idle@example.net', 'viewer'))
    const idle = bearer(await loggedIn('idle@example.net'))
    lab.clock.advance(12 * HOUR + MINUTE)
    expect((await call('GET', '/v1/me', undefined, idle)).status).toBe(401)
    const used = bearer(await loggedIn('idle@example.net'))
    for (let hours = 0; hours < 14 * 24 - 8; hours += 8) {
      lab.clock.advance(8 * HOUR)
      expect((await call('GET', '/v1/me', undefined, used)).status).toBe(200)
      const touched = async () =>
        (await call('GET', '/v1/sessions', undefined, used)).body.data[0].last_used_at ===
        new Date(lab.clock.now()).toISOString()
      await until('it is written down that it was used', touched)
    }
    lab.clock.advance(9 * HOUR)
    expect((await call('GET', '/v1/me', undefined, used)).status).toBe(401)
  })
})
