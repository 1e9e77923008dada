//
// A campaign to one provider is due all at once; a login code to the same provider goes out among its first mails, though
// hundreds were accepted before it.

import { expect, test } from 'bun:test'
import { idIn, startLab } from '../support/appliance.ts'
import { until } from '../support/until.ts'

const CAMPAIGN = 400
/** What may be on its way while the code is accepted: the connections' mail under way, and what is stored meanwhile. */
const AHEAD = 40
const ACCEPTING = { 'server.roles': 'api,submission' }
const SENDING = { 'server.roles': 'api,submission,delivery' }

test('a login code passes the newsletters that were accepted before it', async () => {
  await using lab = await startLab({ config: ACCEPTING })
  const campaign = idIn(
    await lab.submit({
      to: Array.from({ length: CAMPAIGN }, (_, i) => `reader${i}@example.net`),
      text: 'News.',
      headers: { 'list-unsubscribe': '<https://example.com/u>', 'x-mailwok-stream': 'marketing' },
    }),
  )
  await lab.stop()
  await lab.start(SENDING)
  await until('the campaign flows', () => lab.mx.messages.length > 0)
  const code = await lab.sent({ to: 'user@example.net', subject: 'Your code' })
  const before = lab.mx.messages.length
  expect(before).toBeLessThan(CAMPAIGN / 2)
  expect((await lab.ended(code)).status).toBe('delivered')
  const place = lab.mx.messages.findIndex((message) => message.forwardPaths[0]?.includes('user@'))
  expect(place).toBeLessThanOrEqual(before + AHEAD)
  await lab.meanwhile(lab.ended(campaign))
  expect(lab.mx.messages).toHaveLength(CAMPAIGN + 1)
}, 60_000)

test('codes that wait in the store go before the newsletters that wait there', async () => {
  await using lab = await startLab({ config: ACCEPTING })
  await lab.submit({
    to: Array.from({ length: CAMPAIGN }, (_, i) => `reader${i}@example.net`),
    text: 'News.',
    headers: { 'list-unsubscribe': '<https://example.com/u>', 'x-mailwok-stream': 'marketing' },
  })
  for (let i = 0; i < 10; i++) await lab.sent({ to: `user${i}@example.net`, subject: 'Your code' })
  await lab.stop()
  await lab.start(SENDING)
  const codes = () => lab.mx.messages.filter((message) => message.forwardPaths[0]?.includes('user'))
  await until('the codes are there', () => codes().length === 10)
  // Marketing has a turn now and then, or login codes without end would stop it for good.
  expect(lab.mx.messages.length).toBeLessThan(10 + AHEAD)
})
