import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { startMx } from '../support/mx.ts'

const ZONE = {
  'two.test': {
    MX: [
      [10, 'first.two.test'],
      [20, 'second.two.test'],
    ],
  },
  'first.two.test': { A: ['127.0.0.9'] },
  'second.two.test': { A: ['127.0.0.1'] },
} as const

test('nobody answers at the first MX: the second one takes the message in the same attempt', async () => {
  await using lab = await startLab({ dns: ZONE })
  const view = await lab.ended(await lab.sent({ to: 'a@two.test' }))
  expect(story(view)).toEqual(['queued', 'delivered'])
  expect(eventOf(view, 'delivered')).toMatchObject({ mx: 'second.two.test', ip: '127.0.0.1' })
  expect(view.deliveries[0]?.attempts).toHaveLength(1)
})

test('the first MX refuses to talk: the second one is asked', async () => {
  await using lab = await startLab({ dns: ZONE })
  const first = await startMx({
    host: '127.0.0.9',
    port: lab.mx.port,
    at: { CONNECT: '421 4.3.2 overloaded' },
  })
  const view = await lab.ended(await lab.sent({ to: 'a@two.test' }))
  expect(eventOf(view, 'delivered').mx).toBe('second.two.test')
  expect(first.connections).toBe(1)
  await first.close()
})

test('a permanent refusal of the recipient is believed; nobody shops around', async () => {
  await using lab = await startLab({ dns: ZONE })
  const first = await startMx({
    host: '127.0.0.9',
    port: lab.mx.port,
    at: { RCPT: '550 5.1.1 no such user' },
  })
  const view = await lab.ended(await lab.sent({ to: 'a@two.test' }))
  expect(story(view)).toEqual(['queued', 'bounced'])
  expect(lab.mx.connections).toBe(0)
  await first.close()
})
