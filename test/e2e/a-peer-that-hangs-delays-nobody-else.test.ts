//
// F8: whatever a host does not answer, its own mail waits and is tried again; mail for others goes on.

import { expect, test } from 'bun:test'
import { idIn, startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { type Moment, startMx } from '../support/mx.ts'

const MOMENTS: readonly Moment[] = ['CONNECT', 'EHLO', 'STARTTLS', 'TLS', 'MAIL', 'RCPT', 'DATA', 'BODY']
const SHORT = Object.fromEntries(
  ['connect', 'greeting', 'command', 'data', 'block', 'final_dot'].map((name) => [
    `delivery.timeouts.${name}`,
    '1s',
  ]),
)

test('eight hosts that hang, each at another moment, and one that does not', async () => {
  const places = MOMENTS.map((moment, at) => ({
    moment,
    domain: `${moment.toLowerCase()}.test`,
    host: `127.0.0.${at + 11}`,
  }))
  const dns = Object.fromEntries(places.map(({ domain, host }) => [domain, { A: [host] }]))
  await using lab = await startLab({ dns, config: SHORT })
  const hosts = await Promise.all(
    places.map(({ moment, host }) =>
      startMx({
        host,
        port: lab.mx.port,
        starttls: moment === 'STARTTLS' || moment === 'TLS',
        at: { [moment]: { hang: true } },
      }),
    ),
  )
  const id = await lab.sent({ to: places.map(({ domain }) => `a@${domain}`) })
  // While all of them hang:
  expect(story(await lab.ended(await lab.sent()))).toEqual(['queued', 'delivered'])
  expect((await lab.message(id)).deliveries.flatMap((delivery) => delivery.attempts)).toEqual([])

  const view = await lab.tried(id, 1)
  for (const { moment, domain } of places) {
    // RFC 7435: where encryption leads nowhere the same host is asked in clear.
    const ends = moment === 'TLS' || moment === 'STARTTLS' ? 'delivered' : 'deferred'
    expect([moment, ...story(view, `a@${domain}`)]).toEqual([moment, 'queued', ends])
    if (ends === 'delivered') continue
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

test('a host that stops reading in the middle of the content is given up, and the message is tried again', async () => {
  let stalls = true
  await using lab = await startLab({
    config: SHORT,
    mx: {
      at: (moment) => (moment === 'DATA' && stalls ? { reply: '354 go ahead', stall: true } : undefined),
    },
  })
  // More than the buffers of two systems hold.
  const id = await lab.submit({ text: 'x'.repeat(70).concat('\n').repeat(250_000) })
  const view = await lab.meanwhile(lab.tried(idIn(id), 1))
  expect(eventOf(view, 'deferred').bounce).toMatchObject({ type: 'soft', reason: 'network' })
  stalls = false
  await lab.advance(61_000)
  expect(story(await lab.meanwhile(lab.ended(idIn(id))))).toEqual(['queued', 'deferred', 'delivered'])
  expect(lab.mx.messages).toHaveLength(1)
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
