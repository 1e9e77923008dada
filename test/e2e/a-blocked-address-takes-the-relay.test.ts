//
// delivery.mode "hybrid": direct first; what a provider refuses because of our address goes by relay instead of bouncing.

import { expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { type Mx, startMx } from '../support/mx.ts'

const BLOCK = '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org'

interface Rig extends AsyncDisposable {
  readonly lab: Lab
  readonly relay: Mx
}

async function hybrid(rcpt: string, config: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const relay = await startMx({ starttls: false })
  const lab = await startLab({
    mx: { at: { RCPT: rcpt } },
    config: { 'delivery.mode': 'hybrid', ...config },
    toml: `
[[relay]]
host = "127.0.0.1"
port = ${relay.port}
tls = "none"
`,
  })
  return {
    lab,
    relay,
    [Symbol.asyncDispose]: async () => {
      await lab[Symbol.asyncDispose]()
      await relay.close()
    },
  }
}

const ways = async (lab: Lab, id: string): Promise<readonly string[]> =>
  (await lab.meanwhile(lab.ended(id))).deliveries.flatMap(({ attempts }) => attempts.map(({ via }) => via))

test('a block is no end: the relay takes the message, and the story tells both', async () => {
  await using rig = await hybrid(BLOCK)
  const id = await rig.lab.sent()
  expect(await ways(rig.lab, id)).toEqual(['direct', 'relay:127.0.0.1'])
  const view = await rig.lab.message(id)
  expect(story(view)).toEqual(['queued', 'deferred', 'delivered'])
  expect(view.deliveries[0]?.attempts[0]).toMatchObject({
    outcome: 'deferred',
    response: expect.stringContaining('spamhaus'),
  })
  expect(rig.relay.messages).toHaveLength(1)
})

test('while the provider is blocked its mail goes by relay at once, and a probe finds out when that ends', async () => {
  await using rig = await hybrid(BLOCK)
  for (let i = 0; i < 3; i++) await ways(rig.lab, await rig.lab.sent())
  const later = await rig.lab.sent()
  expect(await ways(rig.lab, later)).toEqual(['relay:127.0.0.1'])
  await rig.lab.advance(10 * 60_000)
  expect(await ways(rig.lab, await rig.lab.sent())).toEqual(['direct', 'relay:127.0.0.1'])
})

test('a recipient who does not exist bounces: no relay would find one', async () => {
  await using rig = await hybrid('550 5.1.1 no such user')
  expect(await ways(rig.lab, await rig.lab.sent())).toEqual(['direct'])
  expect(rig.relay.messages).toEqual([])
})

test('domains named for it go by relay from the start', async () => {
  await using rig = await hybrid(BLOCK, { 'delivery.relay_domains': 'example.net' })
  expect(await ways(rig.lab, await rig.lab.sent())).toEqual(['relay:127.0.0.1'])
  expect(rig.lab.mx.connections).toBe(0)
})
