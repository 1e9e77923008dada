import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { TOTP } from 'otpauth'
import { HOUR, MINUTE, SECOND } from '../../../../src/core/time.ts'
import { AUTHORIZED, type Lab, must } from '../../../support/appliance.ts'
import { bearer, OWNER, PASSWORD, PeopleLab, said } from '../../../support/people-lab.ts'
import { until } from '../../../support/until.ts'

let people: PeopleLab
let lab: Lab

const call: PeopleLab['call'] = (...asked) => people.call(...asked)
const login: PeopleLab['login'] = (...asked) => people.login(...asked)
const add: PeopleLab['add'] = (...asked) => people.add(...asked)
const loggedIn: PeopleLab['loggedIn'] = (...asked) => people.loggedIn(...asked)
const tokenIn: PeopleLab['tokenIn'] = (...asked) => people.tokenIn(...asked)
const forgiven = () => people.forgiven()

beforeAll(async () => {
  people = await PeopleLab.start({ config: { 'api.trusted_proxies': '127.0.0.1/32' } })
  lab = people.lab
})
afterAll(() => people[Symbol.asyncDispose]())

describe('logging in', () => {
  afterAll(forgiven)

  test('a session has the scopes of its role and no more', async () => {
    await add('viewer@example.net', 'viewer')
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
    expect((await call('POST', '/v1/email/send', letter, bearer(people.owner))).body.status).toBe('queued')
  })

  test('nobody learns what was wrong', async () => {
    const wrong = await login(OWNER, { password: 'a horse that is wrong' })
    const nobody = await login('nobody@example.net')
    expect(said(wrong)).toEqual([401, 'invalid_login'])
    const { request_id: _one, ...first } = wrong.body.error
    const { request_id: _other, ...second } = nobody.body.error
    expect(second).toEqual(first)
  })

  test('whoever guesses is refused after a while, from all addresses of his network, and the owner is heard', async () => {
    const from = (address: string, password: string) =>
      call('POST', '/v1/sessions', { email: OWNER, password }, { 'x-forwarded-for': address })
    const ends: number[] = []
    for (let at = 1; at <= 12; at++) {
      ends.push((await lab.meanwhile(from(`2001:db8:0:7::${at}`, 'a wrong horse'))).status)
    }
    expect(ends.slice(0, 3)).toEqual([401, 401, 401])
    expect(ends.at(-1)).toBe(429)
    expect((await from('2001:db8:0:7::ffff', PASSWORD)).headers.get('retry-after')).toMatch(/^\d+$/)
    expect((await from('192.0.2.77', PASSWORD)).status).toBe(200)
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
    await add('two@example.net', 'viewer')
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
    expect(said(await call('DELETE', `/v1/sessions/${mine}`, undefined, bearer(people.owner)))).toEqual([
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

describe('passwords', () => {
  afterAll(forgiven)

  test('changing one wants the old one, and ends the other sessions', async () => {
    await add('change@example.net', 'viewer')
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
    await add('forgot@example.net', 'viewer')
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
    await add('codes@example.net', 'owner')
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
    const { token } = await add('late@example.net', 'viewer', 'default', null)
    lab.clock.advance(7 * 24 * HOUR)
    const late = await call('POST', '/v1/invitations/accept', { token: token ?? '', password: PASSWORD })
    expect(said(late)).toEqual([422, 'invalid_token'])
    people.owner = await loggedIn(OWNER)
    expect((await call('GET', '/v1/invitations', undefined, bearer(people.owner))).body.data).toEqual([])
  })

  test('a session ends after twelve idle hours, and after fourteen days however it is used', async () => {
    await add('idle@example.net', 'viewer')
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
