//
// Owns: for each operation that no example of the document brings about by itself: what the store has to know first, and the
// request that is right then.

import { generateKeyPairSync } from 'node:crypto'
import { TOTP } from 'otpauth'
import { HOUR, SECOND } from '../../src/core/time.ts'
import type { ApiLab } from './api-lab.ts'
import type { Ask } from './api-prober.ts'
import { must } from './appliance.ts'
import { bearer, PASSWORD } from './people-lab.ts'
import { until } from './until.ts'

type Made = (api: ApiLab, endpoint: string) => Promise<Ask>

let people = 0
/** Somebody whom no other request touches. */
async function somebody(api: ApiLab, role = 'owner', account = 'default'): Promise<string> {
  people += 1
  const address = `somebody-${people}@example.net`
  await api.people.add(address, role, account)
  return address
}

const body = (value: object) => ({ body: JSON.stringify(value) })
const json = (token: string) => ({ headers: { ...bearer(token), 'content-type': 'application/json' } })

const later = (api: ApiLab, ahead: number): string => new Date(api.lab.clock.now() + ahead).toISOString()

const scheduled: Made = async (api) => ({
  params: { id: await api.lab.sent({ scheduled_at: later(api, HOUR) }) },
})

/** With one-time codes that are on; the next code is a new one. */
async function withCodes(api: ApiLab) {
  const address = await somebody(api)
  const token = await api.people.loggedIn(address)
  const begun = await api.people.call('POST', '/v1/me/totp', { password: PASSWORD }, bearer(token))
  const device = new TOTP({ secret: begun.body.secret })
  return { address, token, code: () => device.generate({ timestamp: api.lab.clock.now() }) }
}

export const KNOWN: Readonly<Record<string, Made>> = {
  // Another name than that of the first one.
  'POST /v1/domains': async () => body({ name: 'another.example' }),
  'DELETE /v1/accounts/{id}': async (api) => {
    const { id } = must(await api.lab.admin.accountAdd({ name: 'leaving', plan: 'unlimited' }))
    return { params: { id }, query: { confirm: 'leaving' } }
  },
  'POST /v1/domains/{name}/dkim/import': async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    return { params: { name: 'example.com' }, ...body({ selector: 's7', private_key: key }) }
  },
  'PATCH /v1/email/{id}': async (api, endpoint) => ({
    ...(await scheduled(api, endpoint)),
    ...body({ scheduled_at: later(api, 2 * HOUR) }),
  }),
  'POST /v1/email/{id}/cancel': scheduled,
  'POST /v1/email/{id}/retry': async (api) => {
    const id = await api.lab.sent({ to: 'wait@example.net' })
    await api.lab.tried(id, 1)
    return { params: { id } }
  },
  'POST /v1/invitations/accept': async (api) => {
    people += 1
    const email = `invited-${people}@example.net`
    const made = await api.people.call(
      'POST',
      '/v1/invitations',
      { email, role: 'viewer' },
      bearer(api.people.owner),
    )
    if (made.status !== 200) throw new Error(JSON.stringify(made.body))
    return body({ token: await api.people.tokenIn(email), password: PASSWORD, name: 'Bob' })
  },
  'POST /v1/me/account': async (api) => {
    const address = await somebody(api)
    // Who is known already is invited.
    const { token: invited } = await api.people.add(address, 'viewer', 'other', null)
    await api.people.call('POST', '/v1/invitations/accept', { token: invited, password: PASSWORD })
    const token = await api.people.loggedIn(address)
    const { body: me } = await api.people.call('GET', '/v1/me', undefined, bearer(token))
    const other = me.me.accounts.find((one: { name: string }) => one.name === 'other')
    return { ...body({ account: other.id }), ...json(token) }
  },
  'POST /v1/me/password': async (api) => ({
    ...body({ current_password: PASSWORD, password: 'a longer one than before' }),
    ...json(await api.people.loggedIn(await somebody(api))),
  }),
  'POST /v1/me/totp': async (api) => ({
    ...body({ password: PASSWORD }),
    ...json(await api.people.loggedIn(await somebody(api))),
  }),
  'POST /v1/me/totp/confirm': async (api) => {
    const { code, token } = await withCodes(api)
    return { ...body({ code: code() }), ...json(token) }
  },
  'POST /v1/me/totp/disable': async (api) => {
    const { code, token } = await withCodes(api)
    await api.people.call('POST', '/v1/me/totp/confirm', { code: code() }, bearer(token))
    await api.lab.advance(60 * SECOND)
    return { ...body({ password: PASSWORD, code: code() }), ...json(token) }
  },
  'POST /v1/password-resets/confirm': async (api) => {
    const email = await somebody(api)
    const { token } = must(await api.lab.admin.userReset({ address: email, codes: false }))
    return body({ token, password: 'a longer one than before' })
  },
  'POST /v1/sessions': async (api) => body({ email: await somebody(api), password: PASSWORD }),
  'DELETE /v1/users/{id}': async (api) => {
    const address = await somebody(api, 'viewer')
    const { body: users } = await api.people.call('GET', '/v1/users', undefined, bearer(api.people.owner))
    const { id } = users.data.find(({ email }: { email: string }) => email === address)
    return { params: { id } }
  },
  'POST /v1/suppressions/import': async () => ({
    body: 'address,note\nann@example.net,"by phone, twice"\n',
    headers: { 'content-type': 'text/csv' },
  }),
  'POST /v1/inbound/{id}/test': async (api, endpoint) => {
    const route = { account: 'default', pattern: 'hook@example.com', action: 'webhook', target: endpoint }
    await api.lab.post('/v1/inbound', { pattern: route.pattern, action: route.action, target: route.target })
    const listed = await api.lab.fetch('/v1/inbound', {
      headers: { authorization: `Bearer ${await api.freshKey('default')}` },
    })
    const { data } = (await listed.json()) as { data: { id: string; pattern: string }[] }
    const id = data.find(({ pattern }) => pattern === route.pattern)?.id
    await until('the route is there', () => id !== undefined)
    return { params: { id: id ?? '' } }
  },
}
