//
// F8: whatever a host does not answer, its own mail waits and is tried again; mail for others goes on.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { type Moment, startMx } from '../support/mx.ts'

const MOMENTS: readonly Moment[] = ['CONNECT', 'EHLO', 'STARTTLS', 'MAIL', 'RCPT', 'DATA', 'BODY']
const SHORT = Object.fromEntries(
  ['connect', 'greeting', 'command', 'data', 'block', 'final_dot'].map((name) => [
    `delivery.timeouts.${name}`,
    '1s',
  ]),
)

test('seven hosts that hang, each at another moment, and one that does not', async () => {
  const places = MOMENTS.map((moment, at) => ({
    moment,
    domain: `${moment.toLowerCase()}.test`,
    host: `127.0.0.${at + 11}`,
  }))
  const dns = Object.fromEntries(places.map(({ domain, host }) => [domain, { A: [host] }]))
  await using lab = await startLab({ dns, config: SHORT })
  const hosts = await Promise.all(
    places.map(({ moment, host }) =>
      startMx({ host, port: lab.mx.port, starttls: moment === 'STARTTLS', at: { [moment]: { hang: true } } }),
    ),
  )
  const id = await lab.sent({ to: places.map(({ domain }) => `a@${domain}`) })
  // While all of them hang:
  expect(story(await lab.ended(await lab.sent()))).toEqual(['queued', 'delivered'])
  expect((await lab.message(id)).deliveries.flatMap((delivery) => delivery.attempts)).toEqual([])

  const view = await lab.tried(id, 1)
  for (const { moment, domain } of places) {
    expect([moment, ...story(view, `a@${domain}`)]).toEqual([moment, 'queued', 'deferred'])
    const { bounce } = eventOf(view, 'deferred', `a@${domain}`)
    const reason = moment === 'BODY' ? 'uncertain' : 'network'
    expect([moment, bounce.type, bounce.reason]).toEqual([
      moment,
      'soft',
      moment === 'STARTTLS' ? bounce.reason : reason,
    ])
  }
  await Promise.all(hosts.map((host) => host.close()))
}, 20_000)

test('a host that never answers QUIT delays no result', async () => {
  await using lab = await startLab({ mx: { at: { QUIT: { hang: true } } } })
  expect(story(await lab.ended(await lab.sent()))).toEqual(['queued', 'delivered'])
})

test('a connection that is reset in the middle is tried again', async () => {
  let dropped = 0
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'DATA' && dropped++ === 0 ? { drop: true } : undefined) },
  })
  const id = await lab.sent()
  expect(eventOf(await lab.tried(id, 1), 'deferred').bounce).toMatchObject({
    type: 'soft',
    reason: 'network',
  })
  await lab.advance(61_000)
  expect(story(await lab.ended(id))).toEqual(['queued', 'deferred', 'delivered'])
  expect(lab.mx.messages).toHaveLength(1)
})
