//
// Two nodes at one PostgreSQL database: sessions opened at one work at the other, and end there within a second; of two
// owners one stays, whoever is asked; a code, an invitation and a reset are taken once.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { TOTP } from 'otpauth'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { handClock } from '../support/clock.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { bearer, OWNER, PASSWORD, PeopleLab } from '../support/people-lab.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(120_000)

const suite = postgresSuite('PostgreSQL')

test.skipIf(suite.skip)(`${suite.name}: who is put out is out on every node`, async () => {
  const config = { 'store.url': await freshDatabase() }
  await using one = await PeopleLab.start({ config })
  await using two = await PeopleLab.start({
    beside: one.lab,
    clock: handClock(LAB_START),
    config: { ...config, 'server.node': '2' },
  })
  const both = (asked: (at: PeopleLab) => ReturnType<PeopleLab['call']>) =>
    Promise.all([asked(one), asked(two)])
  const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).toSorted()

  // Known to both, ended at one.
  await one.add('second@example.net', 'owner')
  const second = bearer(await one.loggedIn('second@example.net'))
  const me = (at: PeopleLab) => at.call('GET', '/v1/me', undefined, second)
  expect(statuses(await both(me))).toEqual([200, 200])
  const { id } = (await me(one)).body.me
  await one.call('PATCH', `/v1/users/${id}`, { state: 'disabled' }, bearer(one.owner))
  expect((await me(one)).status).toBe(401)
  await two.lab.advance(SECOND)
  expect((await me(two)).status).toBe(401)
  await two.call('PATCH', `/v1/users/${id}`, { state: 'active' }, bearer(two.owner))

  // Each of two owners takes the other's role away, at another node, at the same time.
  for (let round = 0; round < 5; round++) {
    const mine = bearer(await one.loggedIn(OWNER))
    const theirs = bearer(await two.loggedIn('second@example.net'))
    const first = (await one.call('GET', '/v1/me', undefined, mine)).body.me.id
    const ends = await Promise.all([
      one.call('PATCH', `/v1/users/${id}`, { role: 'admin' }, mine),
      two.call('PATCH', `/v1/users/${first}`, { role: 'admin' }, theirs),
    ])
    expect(statuses(ends)[0]).toBe(200)
    const { ok, value } = { ok: true, value: await one.lab.admin.userList({ account: 'default' }) }
    expect(ok).toBe(true)
    const owners = value.ok ? value.value.filter(({ role }) => role === 'owner') : []
    expect(owners).toHaveLength(1)
    for (const address of [OWNER, 'second@example.net']) {
      await one.lab.admin.userRole({ address, account: 'default', role: 'owner' })
    }
  }

  // The same code at both nodes.
  const who = bearer(await one.loggedIn('second@example.net'))
  const { secret } = (await one.call('POST', '/v1/me/totp', { password: PASSWORD }, who)).body
  const device = new TOTP({ secret })
  const code = () => device.generate({ timestamp: one.lab.clock.now() })
  expect((await one.call('POST', '/v1/me/totp/confirm', { code: code() }, who)).status).toBe(200)
  await Promise.all([one.lab.advance(MINUTE), two.lab.advance(MINUTE)])
  const given = { email: 'second@example.net', password: PASSWORD, code: code() }
  expect(statuses(await both((at) => at.call('POST', '/v1/sessions', given)))).toEqual([200, 401])

  // The same invitation, and the same reset, at both nodes.
  const invited = await one.add('third@example.net', 'viewer', 'default', null)
  const accept = { token: invited.token ?? '', password: PASSWORD }
  const accepted = await both((at) => at.call('POST', '/v1/invitations/accept', accept))
  expect(accepted.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(accepted.filter(({ status }) => status >= 500)).toEqual([])
  const reset = await one.lab.admin.userReset({ address: 'third@example.net', codes: false })
  const confirm = { token: reset.ok ? reset.value.token : '', password: 'another horse of mine' }
  const confirmed = await both((at) => at.call('POST', '/v1/password-resets/confirm', confirm))
  expect(statuses(confirmed)).toEqual([200, 422])

  // What one node took from a key it does not give to others at the other, which still remembers it.
  const { key, secret: wide } = (
    await one.call('POST', '/v1/keys', { name: 'wide', scopes: ['all'] }, bearer(await one.loggedIn(OWNER)))
  ).body
  const mine = bearer(wide)
  await both((at) => at.call('GET', '/v1/keys', undefined, mine))
  const letter = { email: 'fourth@example.net', role: 'viewer' }
  expect((await one.call('POST', '/v1/invitations', letter, mine)).status).toBe(200)
  const owner = bearer(await one.loggedIn(OWNER))
  await one.call('PATCH', `/v1/keys/${key.id}`, { scopes: ['keys', 'webhooks'] }, owner)
  expect((await two.call('POST', '/v1/keys', { name: 'more', scopes: ['all'] }, mine)).status).toBe(403)
  expect((await two.call('POST', '/v1/invitations', letter, mine)).status).toBe(403)
  expect((await two.call('POST', '/v1/keys', { name: 'as much', scopes: ['webhooks'] }, mine)).status).toBe(
    200,
  )
  await one.call('DELETE', `/v1/keys/${key.id}`, undefined, owner)
  expect((await two.call('POST', '/v1/keys', { name: 'late', scopes: ['webhooks'] }, mine)).status).toBe(401)
  const open = (await one.call('GET', '/v1/invitations', undefined, owner)).body.data
  expect(open.filter((row: { email: string }) => row.email === letter.email)).toEqual([])

  // Both nodes wrote into one log.
  const log = (await two.call('GET', '/v1/audit?limit=200', undefined, bearer(await two.loggedIn(OWNER))))
    .body.data
  const changes = log.filter(({ action }: { action: string }) => action === 'PATCH /v1/users/:id')
  expect(changes.length).toBeGreaterThanOrEqual(7)
  const ids = log.map((row: { id: string }) => row.id)
  expect(ids).toEqual(ids.toSorted().toReversed())
})
