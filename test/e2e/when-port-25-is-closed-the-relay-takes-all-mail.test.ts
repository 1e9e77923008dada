//
// Most hosters block outgoing port 25 until they are asked: then no provider answers, and no single one is to blame.

import { expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'
import type { AnswerBody } from '../support/lab-answers.ts'
import { startMx } from '../support/mx.ts'
import { until } from '../support/until.ts'

const CLOSED = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `${name}.test`)
/** Nobody listens there. */
const dns = Object.fromEntries(
  CLOSED.flatMap((domain) => [
    [domain, { MX: [[10, `mx.${domain}`] as const] }],
    [`mx.${domain}`, { A: ['127.0.0.9'] }],
  ]),
)
const to = (domains: readonly string[]) => ({ to: domains.map((domain) => `ann@${domain}`) })
const figure = async (lab: Lab): Promise<string> => {
  return /^mailwok_egress_open (\d)/m.exec(must(await lab.admin.metrics({})))?.[1] ?? ''
}

test('hybrid: the relay takes what nobody took, and what comes after it', async () => {
  const relay = await startMx({ starttls: false })
  const toml = `[[relay]]\nhost = "127.0.0.1"\nport = ${relay.port}\ntls = "none"\n`
  const lab = await startLab({ dns, toml, config: { 'delivery.mode': 'hybrid' } })
  await lab.tried(await lab.sent(to(CLOSED.slice(0, 5))), 1)
  const view = await lab.meanwhile(lab.ended(await lab.sent(to(CLOSED.slice(5)))))
  expect(view.deliveries[0]).toMatchObject({ status: 'delivered', attempts: [{ via: 'relay:127.0.0.1' }] })
  await lab[Symbol.asyncDispose]()
  await relay.close()
})

test('direct: mail waits and says why, and one that gets through ends it', async () => {
  await using lab = await startLab({ dns })
  const id = await lab.sent(to(CLOSED.slice(0, 5)))
  await lab.tried(id, 1)
  expect(JSON.stringify(must(await lab.admin.messageExplain({ id })))).toContain(
    'No provider can be reached on port 25',
  )
  expect(await figure(lab)).toBe('0')
  // The one that tries, within a minute.
  await lab.meanwhile(lab.ended(await lab.sent()))
  await until('it is open', async () => (await figure(lab)) === '1')
})

test('direct: while it is closed one message a minute tries, the others wait untried, and all leave once it is open', async () => {
  const all = [...CLOSED, 'seven.test', 'eight.test']
  const zone = Object.fromEntries(
    all.flatMap((domain) => [
      [domain, { MX: [[10, `mx.${domain}`] as const] }],
      [`mx.${domain}`, { A: ['127.0.0.9'], ttl: 1 }],
    ]),
  )
  await using lab = await startLab({ dns: zone })
  await lab.tried(await lab.sent(to(CLOSED.slice(0, 5))), 1)
  const late = await lab.sent(to(['six.test', 'seven.test', 'eight.test']))
  const explained = JSON.stringify(must(await lab.admin.messageExplain({ id: late })))
  expect(explained).toContain('No provider can be reached on port 25')
  await lab.meanwhile(
    until('one of them was the one that tried', async () => attemptsOf(await lab.message(late)) > 0),
  )
  // The closed door costs three recipients one attempt a minute, not three.
  expect(attemptsOf(await lab.message(late))).toBe(1)
  for (const domain of all) lab.dns.set(`mx.${domain}`, { A: ['127.0.0.1'], ttl: 1 })
  await lab.meanwhile(until('it is open', async () => (await figure(lab)) === '1'))
  const view = await lab.meanwhile(lab.ended(late))
  expect(view.deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered'])
})

const attemptsOf = ({ deliveries }: AnswerBody): number =>
  deliveries.reduce((sum, { attempts }) => sum + attempts.length, 0)
