//
// Owns: two tenants of one lab: A with things of every kind, all of which bear one word that nothing else has, and B, who
// has a domain and a key and asks for what is A's.

import { type Lab, must } from './appliance.ts'
import { until } from './until.ts'

/** In every name of A's things. */
export const MARK = 'quokka'

export interface Said {
  readonly status: number
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of every route, whose shapes other tests hold.
  readonly body: any
}

export interface Tenant {
  readonly name: string
  readonly id: string
  readonly secret: string
  ask(method: string, path: string, body?: unknown): Promise<Said>
}

/** What is A's, by id. */
export interface Things {
  readonly account: string
  readonly message: string
  /** Not yet sent. */
  readonly scheduled: string
  readonly webhook: string
  readonly template: string
  readonly route: string
  readonly key: string
  readonly user: string
  readonly invitation: string
  readonly domain: string
  readonly address: string
}

export async function tenantOf(lab: Lab, name: string): Promise<Tenant> {
  const { id } = must(await lab.admin.accountAdd({ name, plan: 'unlimited' }))
  const { key: secret } = must(
    await lab.admin.keyCreate({ account: name, name: `${name} key`, mode: 'live' }),
  )
  must(await lab.admin.domainAdd({ name: `${name}.example`, account: name }))
  return { name, id, secret, ask: asking(lab, secret) }
}

const asking =
  (lab: Lab, secret: string) =>
  async (method: string, path: string, body?: unknown): Promise<Said> => {
    const answer = await lab.fetch(`/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined
          ? {}
          : { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, text, body: text.startsWith('{') ? JSON.parse(text) : null }
  }

/** One of everything that can be asked for by its name. */
export async function furnish(lab: Lab, a: Tenant, hookUrl: string): Promise<Things> {
  const made = async (path: string, body: unknown): Promise<Said['body']> => {
    const said = await a.ask('POST', path, body)
    if (said.status !== 200) throw new Error(`${path}: ${said.status} ${said.text}`)
    return said.body
  }
  const letter = {
    from: `shop@${a.name}.example`,
    to: `delivered+${MARK}@sandbox.mailwok.test`,
    subject: `${MARK} subject`,
    text: `${MARK} text`,
    tags: [MARK],
    custom: { [MARK]: 1 },
  }
  const { webhook } = await made('/webhooks', { url: hookUrl, note: MARK })
  const { message_id: message } = await made('/email/send', letter)
  const later = new Date(lab.clock.now() + 86_400_000).toISOString()
  const { message_id: scheduled } = await made('/email/send', { ...letter, scheduled_at: later })
  const address = `${MARK}@left.example`
  await made('/suppressions', { address, note: MARK })
  const { template } = await made('/templates', {
    name: MARK,
    subject: MARK,
    text: `${MARK} {{name}}`,
    publish: true,
  })
  const route = { pattern: `help@${a.name}.example`, action: 'forward', target: `boss@${a.name}.example` }
  const { key } = await made('/keys', { name: `${MARK} key` })
  const { invitation } = await made('/invitations', { email: `${MARK}@people.example`, role: 'viewer' })
  const user = must(
    await lab.admin.userAdd({
      account: a.name,
      address: `${MARK}.user@people.example`,
      role: 'viewer',
      name: MARK,
      password: 'correct horse battery staple 42',
    }),
  )
  const { route: inbound } = await made('/inbound', route)
  await until(
    'it is delivered',
    async () => (await a.ask('GET', `/email/${message}`)).body.status === 'delivered',
  )
  await until('it is told', async () => {
    await lab.advance(1000)
    return (await a.ask('GET', `/webhooks/${webhook.id}/deliveries`)).body.data.length > 0
  })
  return {
    account: a.id,
    message,
    scheduled,
    webhook: webhook.id,
    template: template.id,
    route: inbound.id,
    key: key.id,
    user: user.id ?? '',
    invitation: invitation.id,
    domain: `${a.name}.example`,
    address,
  }
}
