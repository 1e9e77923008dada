import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { until } from '../support/until.ts'

const ONE_AT_A_TIME = { 'delivery.connections_per_provider': '1' }

test('messages for one host follow each other on one connection', async () => {
  await using lab = await startLab({ config: ONE_AT_A_TIME })
  for (let i = 0; i < 5; i++) await lab.ended(await lab.sent({ to: `r${i}@example.net` }))
  expect(lab.mx.messages).toHaveLength(5)
  expect(lab.mx.connections).toBe(1)
})

test('a host that takes two messages per connection gets all of them, each once', async () => {
  await using lab = await startLab({ config: ONE_AT_A_TIME, mx: { messagesPerConnection: 2 } })
  const id = await lab.sent({ to: Array.from({ length: 9 }, (_, i) => `r${i}@example.net`) })
  const view = await lab.ended(id)
  expect(new Set(view.deliveries.map((delivery) => delivery.status))).toEqual(new Set(['delivered']))
  expect(view.deliveries.map((delivery) => delivery.attempts.length)).toEqual(Array(9).fill(1))
  const arrived = lab.mx.messages.flatMap((message) => message.forwardPaths)
  expect(arrived.length).toBe(9)
  expect(new Set(arrived).size).toBe(9)
  expect(lab.mx.connections).toBeGreaterThanOrEqual(5)
})

test('a connection that dies between two messages costs no attempt', async () => {
  await using lab = await startLab({
    config: ONE_AT_A_TIME,
    mx: {
      at: (moment, { connection, accepted }) =>
        moment === 'MAIL' && connection === 1 && accepted === 1 ? { drop: true } : undefined,
    },
  })
  await lab.ended(await lab.sent({ to: 'one@example.net' }))
  const view = await lab.ended(await lab.sent({ to: 'two@example.net' }))
  expect(story(view)).toEqual(['queued', 'delivered'])
  expect(view.deliveries[0]?.attempts).toHaveLength(1)
  await until('both arrived', () => lab.mx.messages.length === 2)
  expect(lab.mx.connections).toBe(2)
})
