import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'
import { smtpClient } from '../support/smtp-client.ts'
import { until } from '../support/until.ts'

const people = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `r${i}@example.net`)

test.each([
  [1001, 'bcc'],
  [10_000, 'bcc'],
  [10_000, 'to'],
] as const)('%p recipients in %s are a 422 and nothing is kept', async (count, field) => {
  await using lab = await startLab()
  const { status, body } = await lab.send({ to: 'one@example.net', [field]: people(count) })
  expect(status).toBe(422)
  expect(body.error.code).toBe('too_many_recipients')
  expect(must(await lab.admin.queueOverview({ limit: 1 }))).toMatchObject({ waiting: 0, leased: 0, held: 0 })
  expect(lab.mx.connections).toBe(0)
})

test('a thousand are accepted, and each gets one copy', async () => {
  await using lab = await startLab()
  const id = await lab.sent({ to: 'r0@example.net', bcc: people(1000) })
  await until('all have arrived', () => lab.mx.messages.length >= 1000)
  const view = await lab.ended(id)
  expect(view.deliveries.every((delivery) => delivery.status === 'delivered')).toBe(true)
  const arrived = lab.mx.messages.flatMap((message) => message.forwardPaths)
  expect(arrived.length).toBe(1000)
  expect(new Set(arrived).size).toBe(1000)
}, 20_000)

test('over SMTP the 1,001st is told 452, and the others are served', async () => {
  await using lab = await startLab()
  const client = await smtpClient(lab.port('submission.tls'), { tls: true })
  await client.reply()
  expect(await client.authenticate(LAB_KEY)).toStartWith('235')
  await client.ask('MAIL FROM:<shop@example.com>')
  const all = people(1001)
  client.send(all.map((to) => `RCPT TO:<${to}>\r\n`).join(''))
  const replies: string[] = []
  for (const _ of all) replies.push((await client.reply()).at(-1) ?? '')
  expect(new Set(replies.slice(0, 1000).map((reply) => reply.slice(0, 3)))).toEqual(new Set(['250']))
  expect(replies[1000]).toStartWith('452 4.5.3')
  await client.ask('QUIT')
  client.close()
  expect(lab.mx.connections).toBe(0)
})
