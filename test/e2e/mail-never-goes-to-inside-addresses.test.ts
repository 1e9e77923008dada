//
// T10: the owner of a domain must not aim us at our own inside.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'

test.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'])(
  'a domain whose MX is at %s bounces and nobody is called',
  async (address) => {
    await using lab = await startLab({
      dns: { 'inside.test': { MX: [[10, 'mx.inside.test']] }, 'mx.inside.test': { A: [address] } },
      config: { 'delivery.allow_private_destinations': 'false' },
    })
    const view = await lab.ended(await lab.sent({ to: 'a@inside.test' }))
    expect(story(view)).toEqual(['queued', 'bounced'])
    expect(eventOf(view, 'bounced').bounce).toMatchObject({
      type: 'soft',
      reason: 'routing',
      enhanced_code: '5.4.4',
    })
    expect(lab.mx.connections).toBe(0)
  },
)

test('0.0.0.0 is not reached with the lab switch either', async () => {
  await using lab = await startLab({ dns: { 'zero.test': { A: ['0.0.0.0'] } } })
  const view = await lab.ended(await lab.sent({ to: 'a@zero.test' }))
  expect(story(view)).toEqual(['queued', 'bounced'])
  expect(lab.mx.connections).toBe(0)
})
