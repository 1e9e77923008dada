import { expect, test } from 'bun:test'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { AUTHORIZED, startLab } from '../support/appliance.ts'
import { type Published, publish } from '../support/domains.ts'
import { hook } from '../support/hook.ts'
import { until } from '../support/until.ts'

const EVENTS = ['domain.verified', 'domain.unverified', 'domain.action_needed', 'domain.dkim_rotated']

interface Answer {
  readonly records: readonly Published[]
  readonly domain: { readonly verified: boolean; readonly status: string }
  readonly data: readonly { readonly event: string }[]
}

test('a domain that loses its records is told before it ends', async () => {
  await using program = hook()
  await using lab = await startLab({
    config: { 'webhooks.allow': program.place, 'domains.require_verification': 'true' },
    dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } },
  })
  const call = async (method: string, path: string, body?: unknown) => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const headers = { ...AUTHORIZED, 'content-type': 'application/json' }
    const answer = await lab.fetch(`/v1${path}`, { method, headers, ...json })
    return (await answer.json()) as Answer
  }
  // A restart is quicker than half a day of heartbeats.
  const asleep = async (time: number) => {
    await lab.stop()
    lab.clock.advance(time)
    await lab.start()
  }
  const told = () => program.bodies().map(({ event }) => event)
  const letters = () => lab.mx.messages.map(({ bytes }) => String(bytes))
  await call('POST', '/webhooks', { url: program.url, events: EVENTS })
  const { records } = await call('POST', '/domains', { name: 'shop.example' })
  publish(lab.dns, records)

  // By the clock: who has published need not ask.
  await lab.advance(20 * MINUTE)
  await until('it is verified', async () => (await call('GET', '/domains/shop.example')).domain.verified)
  await lab.meanwhile(until('that is told', () => told().length === 1))
  expect(program.bodies()[0]).toEqual({
    event: 'domain.verified',
    type: 'domain.verified',
    timestamp: expect.stringMatching(/Z$/),
    message_id: null,
    recipient: null,
    metadata: { tags: [], ip: null, user_agent: null },
    custom: null,
    test: false,
    domain: 'shop.example',
    reason: 'All required records of shop.example were seen.',
    actions: [],
  })
  const from = { from: 'a@shop.example' }
  expect((await lab.send(from)).status).toBe(200)

  lab.dns.set('bounce.shop.example', null)
  await call('POST', '/domains/shop.example/verify')
  await lab.meanwhile(until('that is told', () => told().length === 2))
  expect(program.bodies()[1]).toMatchObject({
    event: 'domain.action_needed',
    actions: [
      {
        check: 'return_path_mx',
        state: 'missing',
        fix: expect.stringContaining('MX record 10 mail.lab.test'),
      },
      { check: 'return_path_spf', state: 'missing' },
    ],
  })
  await lab.meanwhile(
    until('the operator has a letter', () =>
      letters().some((text) => text.includes('records of shop.example')),
    ),
  )
  // Nothing ends on the first day.
  await asleep(12 * HOUR)
  await call('POST', '/domains/shop.example/verify')
  expect((await call('GET', '/domains/shop.example')).domain).toMatchObject({
    status: 'failing',
    verified: true,
  })
  expect((await lab.send(from)).status).toBe(200)
  expect(told()).toHaveLength(2)

  await asleep(12 * HOUR)
  await call('POST', '/domains/shop.example/verify')
  await lab.meanwhile(until('its end is told', () => told().includes('domain.unverified')))
  const refused = await lab.send(from)
  expect([refused.status, refused.body.error.code]).toEqual([403, 'domain_not_verified'])
  const listed = await call('GET', '/events?type=domain.action_needed,domain.unverified')
  expect(listed.data.map(({ event }) => event)).toEqual(['domain.action_needed', 'domain.unverified'])
})
