//
// delivery.mode "relay": everything leaves by [[relay]], with AUTH over STARTTLS; several are tried in order.

import { expect, test } from 'bun:test'
import { idIn, type Lab, startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { type Mx, type MxScript, startMx } from '../support/mx.ts'

const AUTH = { username: 'me', password: 'a word', mechanisms: ['PLAIN', 'LOGIN'] } as const

interface Smarthost extends Mx {
  [Symbol.asyncDispose](): Promise<void>
}

async function smarthost(script: MxScript = {}): Promise<Smarthost> {
  const mx = await startMx({ auth: AUTH, starttls: true, ...script })
  return Object.assign(mx, { [Symbol.asyncDispose]: () => mx.close() })
}

const table = (of: { port: number; host?: string; password?: string; verify?: boolean; tls?: string }) => `
[[relay]]
host = "${of.host ?? 'smtp.relay.test'}"
port = ${of.port}
username = "me"
password = "${of.password ?? 'a word'}"
tls = "${of.tls ?? 'starttls'}"
verify = ${of.verify ?? false}
`
const relayLab = (toml: string): Promise<Lab> =>
  startLab({
    config: { 'delivery.mode': 'relay' },
    toml,
    dns: { 'smtp.relay.test': { A: ['127.0.0.1'] }, 'second.relay.test': { A: ['127.0.0.1'] } },
  })

test('all mail leaves by it, whatever the domain, and its bounces come back to us', async () => {
  await using relay = await smarthost()
  await using lab = await relayLab(table({ port: relay.port }))
  const view = await lab.ended(await lab.sent({ to: ['a@example.net', 'b@no-such-domain.example'] }))
  expect(view.deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered'])
  expect(view.deliveries[0]?.attempts[0]).toMatchObject({
    via: 'relay:smtp.relay.test',
    tls: { version: 'TLSv1.3' },
  })
  expect(eventOf(view, 'delivered')).toMatchObject({ mx: 'smtp.relay.test', via: 'relay:smtp.relay.test' })
  expect(relay.messages.map(({ tls }) => tls?.serverName)).toEqual(['smtp.relay.test', 'smtp.relay.test'])
  expect(relay.messages[0]?.reversePath).toMatch(/^[^@]+@bounce\.|^[^@]+@mail\.lab\.test/)
  expect(relay.commands.some((line) => line.includes('AUTH'))).toBe(true)
  expect(lab.mx.messages).toEqual([])
  expect(lab.dns.asked('no-such-domain.example')).toBe(0)
  expect(JSON.stringify(view)).not.toContain('a word')
})

test('TLS from the first octet', async () => {
  await using relay = await smarthost({ implicitTls: true })
  await using lab = await relayLab(table({ port: relay.port, tls: 'tls' }))
  expect((await lab.ended(await lab.sent())).status).toBe('delivered')
})

test('a certificate that nobody signed is not trusted unless the operator says so, and mail waits', async () => {
  await using relay = await smarthost()
  await using lab = await relayLab(table({ port: relay.port, verify: true }))
  const view = await lab.tried(await lab.sent(), 1)
  expect(view.deliveries[0]).toMatchObject({ status: 'queued', attempts: [{ outcome: 'deferred' }] })
  expect(relay.messages).toEqual([])
})

test('a sender who does not care for TLS does not lift what the operator demands of the smarthost', async () => {
  await using relay = await smarthost()
  await using lab = await relayLab(table({ port: relay.port, verify: true }))
  const reply = await lab.submit({ text: 'x', headers: { 'tls-required': 'No' } })
  const view = await lab.tried(idIn(reply), 1)
  expect(view.deliveries[0]).toMatchObject({ status: 'queued', attempts: [{ outcome: 'deferred' }] })
  expect(relay.commands.some((line) => line.includes('AUTH'))).toBe(false)
})

test('its word about a recipient is the end, as any other receiver’s', async () => {
  await using relay = await smarthost({ at: { RCPT: '550 5.1.1 no such user' } })
  await using lab = await relayLab(table({ port: relay.port }))
  const view = await lab.ended(await lab.sent())
  expect(story(view)).toEqual(['queued', 'bounced'])
  expect(eventOf(view, 'bounced')).toMatchObject({ via: 'relay:smtp.relay.test', bounce: { type: 'hard' } })
})

test('one that cannot be reached, or lets us not in, is passed over for the next within seconds', async () => {
  await using second = await smarthost()
  await using refusing = await smarthost()
  const dead = await startMx()
  await dead.close()
  for (const first of [table({ port: dead.port }), table({ port: refusing.port, password: 'wrong' })]) {
    await using lab = await relayLab(first + table({ host: 'second.relay.test', port: second.port }))
    const view = await lab.meanwhile(lab.ended(await lab.sent()))
    expect(view.deliveries[0]?.attempts.map(({ via }) => via)).toEqual([
      'relay:smtp.relay.test',
      'relay:second.relay.test',
    ])
    // The schedule would have waited a minute.
    const [one, two] = view.deliveries[0]?.attempts ?? []
    expect(Date.parse(two?.started_at ?? '') - Date.parse(one?.started_at ?? '')).toBeLessThan(45_000)
    const next = await lab.ended(await lab.sent())
    expect(next.deliveries[0]?.attempts.map(({ via }) => via)).toEqual(['relay:second.relay.test'])
  }
  expect(second.messages).toHaveLength(4)
})
