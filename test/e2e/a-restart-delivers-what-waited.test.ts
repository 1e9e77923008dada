import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { unsigned } from '../support/message.ts'
import { until } from '../support/until.ts'

test('what was deferred before the stop is delivered after the start, unchanged', async () => {
  let answers = 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment !== 'BODY' || answers++ > 0) return undefined
        return { reply: '451 4.3.0 try again', store: true }
      },
    },
  })
  const id = await lab.sent({ html: '<p>Grüße</p>' })
  await lab.tried(id, 1)
  await lab.stop()
  await lab.start()
  await lab.advance(61_000)
  expect(story(await lab.ended(id))).toEqual(['queued', 'deferred', 'delivered'])
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = lab.mx.messages.map(({ bytes }) => bytes)
  expect(unsigned(second)).toBe(unsigned(first))
})

test('what was accepted by a node that does not deliver goes out when one does', async () => {
  await using lab = await startLab({ config: { 'server.roles': 'api,submission' } })
  const ids = [await lab.sent(), await lab.sent({ to: ['a@example.net', 'b@example.net'] })]
  await lab.advance(60_000)
  expect(lab.mx.connections).toBe(0)
  await lab.stop()
  await lab.start({ 'server.roles': 'delivery' })
  await until('all three have arrived', () => lab.mx.messages.length === 3)
  await lab.stop()
  await lab.start()
  for (const id of ids) expect((await lab.message(id)).status).toBe('delivered')
  expect(lab.mx.messages).toHaveLength(3)
})
