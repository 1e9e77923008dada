//
// Two nodes at one PostgreSQL database: one of them judges, both refuse, the operator gets one letter, and what one of
// them resumes goes on at the other.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { SECOND } from '../../src/core/time.ts'
import { must, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { LAB_START } from '../support/lab-folder.ts'
import type { MxScript } from '../support/mx.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { until } from '../support/until.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(120_000)

const suite = postgresSuite('PostgreSQL')
const at: MxScript['at'] = (moment, { line }) =>
  moment === 'RCPT' && line.includes('<dead') ? '550 5.1.1 no such user' : undefined
const marketing = { stream: 'marketing', to: 'next@example.net' } as const

test.skipIf(suite.skip)(`${suite.name}: a pause holds on both nodes, and so does its end`, async () => {
  const config = {
    'store.url': await freshDatabase(),
    'delivery.warmup': 'off',
    'server.operator': 'operator@elsewhere.example',
  }
  const dns = { 'elsewhere.example': { MX: [[10, 'mx.example.net']] } } as const
  await using one = await startLab({ dns, mx: { at }, config })
  await using two = await startLab({
    beside: one,
    clock: handClock(LAB_START),
    config: { ...config, 'server.node': '2' },
  })
  const both = async () => {
    await Promise.all([one.advance(SECOND), two.advance(SECOND)])
  }
  const answers = async () => [(await one.send(marketing)).status, (await two.send(marketing)).status]
  const to = Array.from({ length: 200 }, (_, nth) => `${nth < 40 ? 'dead' : 'good'}${nth}@example.net`)
  await one.ended(await one.sent({ ...marketing, to }))
  await until('both refuse', async () => {
    await both()
    return (await answers()).every((status) => status === 403)
  })
  const letters = () =>
    one.mx.messages.filter(({ forwardPaths }) => forwardPaths.includes('operator@elsewhere.example'))
  await until('the operator was told', async () => {
    await both()
    return letters().length > 0
  })
  for (let more = 0; more < 20; more++) await both()
  expect(letters()).toHaveLength(1)
  const [letter] = letters()
  const text = letter?.bytes.toString('latin1') ?? ''
  expect(text).toContain('marketing mail of example.com is paused')
  expect(text).toContain('mailwok sending resume example.com --account default')

  must(await two.admin.sendingResume({ name: 'example.com', account: null }))
  expect((await two.send(marketing)).status).toBe(200)
  await until('the other has heard of it', async () => {
    await both()
    return (await one.send(marketing)).status === 200
  })
})
