//
// One account has hundreds of mails due for a provider; another one's few, accepted after them, are through when about as
// many of the first have gone.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { until } from '../support/until.ts'

const FLOOD = 400
const FEW = 30
/** Mail under way on connections that grow. */
const AHEAD = 40

test('thirty mails of one tenant among four hundred of another', async () => {
  await using lab = await startLab({ config: { 'server.roles': 'api,submission' } })
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  must(await lab.admin.domainAdd({ name: 'other.example', account: 'other' }))
  const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
  const to = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${name}${i}@example.net`)
  const flood = await lab.sent({ to: to('flood', FLOOD) })
  const few = { from: 'a@other.example', to: to('few', FEW) }
  expect((await lab.send(few, { authorization: `Bearer ${key}` })).status).toBe(200)
  await lab.stop()
  await lab.start({ 'server.roles': 'api,submission,delivery' })
  const order = () => lab.mx.messages.map(({ forwardPaths }) => forwardPaths[0] ?? '')
  const arrived = (name: string) => order().filter((path) => path.includes(name)).length
  await lab.meanwhile(until('the few are there', () => arrived('few') === FEW))
  const last = order().findLastIndex((path) => path.includes('few'))
  const before = order()
    .slice(0, last)
    .filter((path) => path.includes('flood'))
  expect(before.length).toBeLessThan(FEW + AHEAD)
  await lab.meanwhile(lab.ended(flood))
  expect(arrived('flood')).toBe(FLOOD)
}, 60_000)
