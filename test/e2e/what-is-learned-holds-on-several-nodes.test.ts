//
// Two nodes at one PostgreSQL database: each event of the log has its effect once, and what one learns holds on the other.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { SECOND } from '../../src/core/time.ts'
import { AUTHORIZED, idIn, type Lab, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { until } from '../support/until.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(60_000)

const suite = postgresSuite('PostgreSQL')
const WISH = { id: 'x', notify: ['failure' as const, 'success' as const] }
const PEER = {
  dns: { 'example.com': { MX: [[10, 'mx.example.net']] } },
  mx: {
    at: (moment: string, { line }: { readonly line: string }) =>
      moment === 'RCPT' && line.includes('gone') ? '550 5.1.1 no such user' : undefined,
  },
} as const

const status = async (lab: Lab, address: string) =>
  (await lab.fetch(`/v1/suppressions/${address}`, { headers: AUTHORIZED })).status

const told = (lab: Lab): readonly string[] =>
  lab.mx.messages
    .filter(({ forwardPaths }) => forwardPaths.includes('shop@example.com'))
    .flatMap(({ bytes }) => [
      ...bytes.toString('latin1').matchAll(/^Final-Recipient: rfc822; (\S+)\r\nAction: (\w+)/gm),
    ])
    .map(([, recipient, action]) => `${recipient} ${action}`)
    .sort()

test.skipIf(suite.skip)(`${suite.name}: two nodes suppress and report each failure once`, async () => {
  const config = { 'store.url': await freshDatabase() }
  await using one = await startLab({ ...PEER, config })
  await using two = await startLab({
    ...PEER,
    beside: one,
    clock: handClock(LAB_START),
    config: { ...config, 'server.node': '2' },
  })
  const both = async () => {
    await Promise.all([one.advance(SECOND), two.advance(SECOND)])
  }
  const sent: string[] = []
  for (let round = 0; round < 6; round++) {
    for (const [at, lab] of [one, two].entries()) {
      const to = [`gone${round}-${at}@example.net`, `good${round}-${at}@example.net`]
      const envelope = { from: 'shop@example.com', to, dsn: WISH }
      await lab.ended(idIn(await lab.submit({ to: 'l@example.net', text: 'Hi.', envelope, dsn: WISH })))
      sent.push(...to)
    }
    await both()
  }
  await until('all are told of', async () => {
    await both()
    return told(one).length >= sent.length
  })
  for (let more = 0; more < 12; more++) await both()
  expect(told(one)).toEqual(
    sent.map((path) => `${path} ${path.startsWith('gone') ? 'failed' : 'relayed'}`).sort(),
  )
  const gone = sent.filter((path) => path.startsWith('gone'))
  for (const lab of [one, two]) {
    for (const address of gone) expect(await status(lab, address)).toBe(200)
    expect((await lab.send({ to: gone[0] })).body).toMatchObject({ status: 'suppressed' })
  }
})

test.skipIf(suite.skip)(
  `${suite.name}: an entry made on one node stops mail on the other within a second`,
  async () => {
    const config = { 'store.url': await freshDatabase() }
    await using one = await startLab({ config })
    await using two = await startLab({
      beside: one,
      clock: handClock(LAB_START),
      config: { ...config, 'server.node': '2' },
    })
    expect((await two.send({ to: 'a@example.net' })).body).toMatchObject({ status: 'queued' })
    await one.post('/v1/suppressions', { address: 'a@example.net' })
    two.clock.advance(SECOND)
    expect((await two.send({ to: 'A@example.net' })).body).toMatchObject({ status: 'suppressed' })
    // Once the account has a list it is asked each time: what comes onto it later holds at once.
    await one.post('/v1/suppressions', { address: 'b@example.net' })
    expect((await two.send({ to: 'b@example.net' })).body).toMatchObject({ status: 'suppressed' })
    await one.fetch('/v1/suppressions/b@example.net', { method: 'DELETE', headers: AUTHORIZED })
    expect((await two.send({ to: 'b@example.net' })).body).toMatchObject({ status: 'queued' })
  },
)
