//
// Two tenants never see each other's rows: for every route of the app, B asks for what is A's, by its name and in lists.
// A route without a case here fails.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ROUTES } from '../../support/api-document.ts'
import { type Lab, must, startLab } from '../../support/appliance.ts'
import { listen } from '../../support/event-stream.ts'
import { hook } from '../../support/hook.ts'
import { CASES, type Case, letter } from '../../support/tenant-cases.ts'
import { furnish, MARK, type Said, type Tenant, type Things, tenantOf } from '../../support/tenants.ts'
import { until } from '../../support/until.ts'

let lab: Lab
let a: Tenant
let b: Tenant
let things: Things
let program: ReturnType<typeof hook>
/** A's. */
let theirs: ReturnType<typeof hook>
beforeAll(async () => {
  program = hook()
  theirs = hook()
  lab = await startLab({ config: { 'webhooks.allow': [program.place, theirs.place].join(',') } })
  a = await tenantOf(lab, MARK)
  b = await tenantOf(lab, 'bystander')
  things = await furnish(lab, a, theirs.url)
}, 60_000)
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await program[Symbol.asyncDispose]()
  await theirs[Symbol.asyncDispose]()
})

/** Of people who are logged in, and of strangers: no key of a tenant gets anywhere. */
const OF_PEOPLE = /^\w+ \/v1\/(?:sessions|me|password-resets|invitations\/accept)(?:\/|$)/
const PRIVATE = ROUTES.filter(({ path }) => path.startsWith('/v1/') && path !== '/v1/openapi.json').map(
  ({ method, path }) => `${method} ${path}`,
)

/** What A sees of itself; what only time changes is left out. */
async function seenByA(): Promise<readonly string[]> {
  const { address, domain, invitation, key, message, route, scheduled, template, user, webhook } = things
  const paths = [
    ...[`/email/${message}`, `/email/${scheduled}`, `/suppressions/${address}`, `/webhooks/${webhook}`],
    ...[`/templates/${template}`, `/inbound/${route}`, `/domains/${domain}`, `/domains/${domain}/dkim`],
    ...[`/keys/${key}`, `/users/${user}`, '/invitations', '/inbound', '/webhooks', '/templates'],
  ]
  const all: string[] = []
  for (const path of paths) {
    const said = await a.ask('GET', path)
    expect([path, said.status]).toEqual([path, 200])
    all.push(`${path} ${said.text}`)
  }
  expect(all.join()).toContain(invitation)
  return all
}

/** Of A's things nothing but what B said itself. */
function betrayed(said: Said, asked: Case): readonly string[] {
  const words = [MARK, ...Object.values(things)]
  const told = `${asked.path} ${JSON.stringify(asked.body ?? '')} ${asked.tells ?? ''}`
  return words.filter((word) => said.text.includes(word) && !told.includes(word))
}

test('every route has a case', () => {
  expect(PRIVATE.filter((route) => !OF_PEOPLE.test(route) && !Object.hasOwn(CASES, route))).toEqual([])
  expect(Object.keys(CASES).filter((route) => !PRIVATE.includes(route))).toEqual([])
})

test('to A itself they tell what is A’s: what is looked for in B’s answers is there to be found', async () => {
  for (const [route, casesOf] of Object.entries(CASES)) {
    const [asked] = casesOf(things)
    // Sums and numbers bear no names.
    if (
      !route.startsWith('GET') ||
      asked === undefined ||
      /stats|accounts|doctor|versions|variables/.test(route)
    )
      continue
    const said = await a.ask('GET', asked.path)
    const bare: Case = { path: '', want: asked.want }
    expect([route, said.status, betrayed(said, bare).length > 0]).toEqual([route, 200, true])
  }
})

describe('B', () => {
  test.each(Object.keys(CASES))('%s', async (route) => {
    const [method = ''] = route.split(' ')
    const before = method === 'GET' ? null : await seenByA()
    for (const asked of CASES[route]?.(things) ?? []) {
      const said = await b.ask(method, asked.path, asked.body)
      expect({ asked, betrayed: betrayed(said, asked) }).toEqual({ asked, betrayed: [] })
      if (asked.want === 'hidden') expect([403, 404, 409, 422]).toContain(said.status)
      if (asked.want === 'refused') expect(said.status).toBe(403)
      if (asked.want === 'own')
        expect([asked.path, said.status, said.text]).toEqual([asked.path, 200, said.text])
    }
    if (before !== null) expect(await seenByA()).toEqual(before)
  })

  test('what is A’s is as unknown as what nobody has', async () => {
    const { domain, key, message, route, template, user, webhook } = things
    const pairs = [
      [`/email/${message}`, '/email/msg_000000000000'],
      [`/webhooks/${webhook}`, '/webhooks/whk_000000000000'],
      [`/templates/${template}`, '/templates/tpl_000000000000'],
      [`/inbound/${route}`, '/inbound/rte_000000000000'],
      [`/domains/${domain}`, '/domains/nobody.example'],
      [`/keys/${key}`, '/keys/key_000000000000'],
      [`/users/${user}`, '/users/usr_000000000000'],
    ] as const
    for (const [theirs, nobodys] of pairs) {
      const [one, other] = [await b.ask('GET', theirs), await b.ask('GET', nobodys)]
      const plain = ({ body, status }: Said, path: string) => [
        status,
        body.error.code,
        body.error.message.replaceAll(path.slice(path.lastIndexOf('/') + 1), '…'),
      ]
      expect(plain(one, theirs)).toEqual(plain(other, nobodys))
    }
  })

  test('people’s routes are for people', async () => {
    for (const route of PRIVATE.filter((one) => OF_PEOPLE.test(one))) {
      const [method = '', path = ''] = route.split(' ')
      const said = await b.ask(
        method,
        path.replace('/v1', '').replace(':id', things.user),
        method === 'GET' ? undefined : {},
      )
      expect({ route, marks: said.text.includes(MARK) }).toEqual({ route, marks: false })
      expect([401, 403, 404, 422]).toContain(said.status)
    }
  })

  test('an idempotency key of A’s is B’s own', async () => {
    const send = (tenant: Tenant, from: string) =>
      lab.fetch('/v1/email/send', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tenant.secret}`,
          'content-type': 'application/json',
          'idempotency-key': 'the-same',
        },
        body: JSON.stringify({ ...letter, from }),
      })
    const theirs = (await (await send(a, `shop@${things.domain}`)).json()) as { message_id: string }
    const mine = await send(b, letter.from)
    expect(mine.status).toBe(200)
    expect(mine.headers.get('idempotency-replayed')).toBeNull()
    expect(((await mine.json()) as { message_id: string }).message_id).not.toBe(theirs.message_id)
  })

  test('writes as A’s domain neither over SMTP', async () => {
    await expect(
      lab.submit({ from: `shop@${things.domain}`, to: 'x@example.net', text: 'b' }, b.secret),
    ).rejects.toMatchObject({ responseCode: 550 })
  })

  test('hears nothing of A’s mail: neither in its stream nor at its webhook', async () => {
    await b.ask('POST', '/webhooks', { url: program.url, events: ['email.queued', 'email.delivered'] })
    const stream = await listen(lab, { authorization: `Bearer ${b.secret}` })
    const theirs = { ...letter, from: `shop@${things.domain}`, subject: MARK }
    expect((await a.ask('POST', '/email/send', theirs)).status).toBe(200)
    const mine = (await b.ask('POST', '/email/send', letter)).body.message_id as string
    const delivered = (texts: readonly string[]) =>
      texts.some((text) => text.includes(mine) && text.includes('email.delivered'))
    await until('B hears of its own', async () => {
      await lab.advance(1000)
      return delivered([stream.text()]) && delivered(program.got.map(({ text }) => text))
    })
    const heard = [stream.text(), ...program.got.map(({ text }) => text)].join()
    expect(heard).not.toContain(MARK)
    await stream.close()
    expect(must(await lab.admin.status({})).ready).toBe(true)
  })
})
