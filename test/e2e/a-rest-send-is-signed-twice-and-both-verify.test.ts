import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'

test('a REST send reaches the MX, signed by RSA and Ed25519, and both verify', async () => {
  await using lab = await startLab()
  const { status, body } = await lab.send({
    to: 'Zoë <zoe@example.net>',
    subject: 'Grüße',
    html: '<p>Schöne Grüße</p>',
  })
  expect(status).toBe(200)
  expect<unknown>(body).toEqual({
    success: true,
    message_id: expect.stringMatching(/^msg_[0-9a-z]{12}$/),
    status: 'queued',
    estimated_delivery: expect.stringMatching(/^<(?:200ms|1s|5s|1m|1h)$/),
  })
  const view = await lab.ended(body.message_id)
  expect(story(view)).toEqual(['queued', 'delivered'])
  expect(eventOf(view, 'delivered')).toMatchObject({ mx: 'mx.example.net', ip: '127.0.0.1' })
  expect(lab.mx.messages).toHaveLength(1)
  const [message] = lab.mx.messages
  expect(message?.forwardPaths).toEqual(['zoe@example.net'])
  expect(message?.reversePath).toMatch(/^b\+[0-9a-z.-]+@mail\.lab\.test$/)
  expect(await lab.dkim(message?.bytes ?? Buffer.alloc(0))).toEqual([
    { algorithm: 'ed25519-sha256', domain: 'example.com', result: 'pass' },
    { algorithm: 'rsa-sha256', domain: 'example.com', result: 'pass' },
  ])
})
