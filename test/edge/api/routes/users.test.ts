import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { LETTERS_A_DAY } from '../../../../src/services/people/invitations.ts'
import { AUTHORIZED, type Lab, must } from '../../../support/appliance.ts'
import { listen } from '../../../support/event-stream.ts'
import { TEST_KEY } from '../../../support/lab-folder.ts'
import { bearer, type Json, OWNER, PASSWORD, PeopleLab, said } from '../../../support/people-lab.ts'
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
  people = await PeopleLab.start()
  lab = people.lab
})
afterAll(() => people[Symbol.asyncDispose]())

describe('people of an account', () => {
  afterAll(forgiven)

  test('are invited by letter, come in by its token, once', async () => {
    const invited = await call(
      'POST',
      '/v1/invitations',
      { email: 'Bob@example.net', role: 'developer' },
      bearer(people.owner),
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
      bearer(people.owner),
    )
    expect(said(again)).toEqual([409, 'already_member'])
  })

  test('an invitation ends when it is revoked', async () => {
    const invite = (email: string) =>
      call('POST', '/v1/invitations', { email, role: 'viewer' }, bearer(people.owner)).then(
        (one) => one.body.invitation.id,
      )
    const id = await invite('carol@example.net')
    const token = await tokenIn('carol@example.net')
    expect((await call('DELETE', `/v1/invitations/${id}`, undefined, bearer(people.owner))).status).toBe(200)
    expect(said(await call('POST', '/v1/invitations/accept', { token, password: PASSWORD }))).toEqual([
      422,
      'invalid_token',
    ])
    expect(said(await call('DELETE', `/v1/invitations/${id}`, undefined, bearer(people.owner)))).toEqual([
      404,
      'not_found',
    ])
  })

  test('a name is one line of the letter, and no link', async () => {
    await add('named@example.net', 'admin')
    const named = bearer(await loggedIn('named@example.net'))
    await call('PATCH', '/v1/me', { name: 'You won.\r\n\r\nhttps://evil.example/ \u2028 Go' }, named)
    await call('POST', '/v1/invitations', { email: 'dan@example.net', role: 'viewer' }, named)
    await tokenIn('dan@example.net')
    const letter = lab.mx.messages.findLast(({ forwardPaths }) => forwardPaths.includes('dan@example.net'))
    const text = letter?.bytes.toString().replaceAll('=\r\n', '') ?? ''
    expect(text).toContain('You won. https evil.example/ Go invites you')
  })

  test('letters are not for flooding: neither again and again, nor by who is suspended', async () => {
    must(await lab.admin.accountAdd({ name: 'flood', plan: 'unlimited' }))
    await add('flooder@example.net', 'owner', 'flood')
    const flooder = bearer(await loggedIn('flooder@example.net'))
    const invite = () =>
      call('POST', '/v1/invitations', { email: 'victim@example.net', role: 'viewer' }, flooder)
    must(await lab.admin.accountSuspend({ account: 'flood', reason: 'Wait.' }))
    expect(said(await invite())).toEqual([403, 'account_suspended'])
    must(await lab.admin.accountResume({ account: 'flood' }))
    for (let letter = 0; letter < LETTERS_A_DAY; letter++) expect((await invite()).status).toBe(200)
    expect(said(await invite())).toEqual([422, 'validation_failed'])
  })

  test('owners are for owners; a key makes none; the last one stays', async () => {
    await add('admin@example.net', 'admin')
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
    const last = await call('DELETE', `/v1/users/${idOf(OWNER)}`, undefined, bearer(people.owner))
    expect(said(last)).toEqual([409, 'last_owner'])
    const test = bearer(TEST_KEY)
    const byTest = await call('PATCH', `/v1/users/${idOf('admin@example.net')}`, { role: 'viewer' }, test)
    expect(said(byTest)).toEqual([403, 'live_key_required'])
  })

  test('who is disabled is out at once, also with a session that was in use', async () => {
    await add('out@example.net', 'developer')
    const out = bearer(await loggedIn('out@example.net'))
    expect((await call('GET', '/v1/me', undefined, out)).status).toBe(200)
    const { id } = (await call('GET', '/v1/me', undefined, out)).body.me
    const path = `/v1/users/${id}`
    expect((await call('PATCH', path, { state: 'disabled' }, bearer(people.owner))).body.user.state).toBe(
      'disabled',
    )
    expect((await call('GET', '/v1/me', undefined, out)).status).toBe(401)
    expect(said(await login('out@example.net'))).toEqual([401, 'invalid_login'])
    expect((await call('PATCH', path, { state: 'active' }, bearer(people.owner))).status).toBe(200)
    expect((await login('out@example.net')).status).toBe(200)
    expect((await call('DELETE', path, undefined, bearer(people.owner))).status).toBe(200)
    expect(said(await call('GET', path, undefined, bearer(people.owner)))).toEqual([404, 'not_found'])
  })

  test('who is out hears no more of what happens, though his stream was open', async () => {
    await add('ear@example.net', 'viewer')
    const heard = await listen(lab, bearer(await loggedIn('ear@example.net')))
    const key = must(await lab.admin.keyCreate({ account: 'default', name: 'ear', mode: 'live' }))
    const byKey = await listen(lab, bearer(key.key))
    await lab.sent()
    await until('both have heard of it', async () => {
      lab.clock.advance(100)
      return heard.events().length > 0 && byKey.events().length > 0
    })
    const users = (await call('GET', '/v1/users', undefined, bearer(people.owner))).body.data
    const { id } = users.find((one: Json) => one['email'] === 'ear@example.net')
    await call('PATCH', `/v1/users/${id}`, { state: 'disabled' }, bearer(people.owner))
    must(await lab.admin.keyRevoke({ key: key.id, queued: 'keep' }))
    const [before, keyBefore] = [heard.events().length, byKey.events().length]
    await lab.sent()
    await until('both streams have ended', async () => {
      lab.clock.advance(100)
      return heard.hasEnded() && byKey.hasEnded()
    })
    expect([heard.events().length, byKey.events().length]).toEqual([before, keyBefore])
  })

  test('another account neither sees nor touches them, and one person may be in both', async () => {
    must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
    await add('theirs@example.net', 'owner', 'other')
    const theirs = bearer(await loggedIn('theirs@example.net'))
    const mine = (await call('GET', '/v1/users', undefined, bearer(people.owner))).body.data[0].id
    expect((await call('GET', '/v1/users', undefined, theirs)).body.data).toHaveLength(1)
    for (const [method, body] of [['GET'], ['PATCH', { role: 'viewer' }], ['DELETE']] as const) {
      expect((await call(method, `/v1/users/${mine}`, body, theirs)).status).toBe(404)
    }
    await call('POST', '/v1/invitations', { email: OWNER, role: 'viewer' }, theirs)
    const token = await tokenIn(OWNER)
    const wrong = { token, password: 'some other password' }
    expect(said(await call('POST', '/v1/invitations/accept', wrong))).toEqual([401, 'invalid_login'])
    expect((await call('POST', '/v1/invitations/accept', { token, password: PASSWORD })).status).toBe(200)
    const me = (await call('GET', '/v1/me', undefined, bearer(people.owner))).body.me
    expect(me.accounts.map(({ name, role }: Json) => `${name} ${role}`)).toEqual([
      'default owner',
      'other viewer',
    ])
    const turned = await call('POST', '/v1/me/account', { account: me.accounts[1].id }, bearer(people.owner))
    expect(turned.body.me.account).toMatchObject({ name: 'other', role: 'viewer' })
    expect(said(await call('GET', '/v1/users', undefined, bearer(people.owner)))).toEqual([
      403,
      'missing_scope',
    ])
    await call('POST', '/v1/me/account', { account: me.accounts[0].id }, bearer(people.owner))
    expect(said(await call('POST', '/v1/me/account', { account: 'acc_0' }, bearer(people.owner)))).toEqual([
      404,
      'not_found',
    ])
  })
})
