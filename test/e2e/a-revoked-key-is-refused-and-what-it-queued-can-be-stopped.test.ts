import { expect, test } from 'bun:test'
import { createTransport } from 'nodemailer'
import { idIn, must, startLab } from '../support/appliance.ts'

const CASES = [
  { queued: 'keep', states: ['queued', 'delivered'] },
  { queued: 'hold', states: ['held', 'held'] },
  { queued: 'drop', states: ['cancelled', 'cancelled'] },
] as const

test.each(CASES)('with $queued its waiting mail becomes $states', async ({ queued, states }) => {
  let greylisting = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' && greylisting ? '450 4.2.0 later' : undefined) },
  })
  const { key, id } = must(await lab.admin.keyCreate({ account: 'default', name: 'leaky', mode: 'live' }))
  const leaky = { authorization: `Bearer ${key}` }
  const message = (await lab.send({}, leaky)).body.message_id
  const others = await lab.sent()
  await lab.tried(message, 1)
  await lab.tried(others, 1)

  expect(must(await lab.admin.keyRevoke({ key: id, queued }))).toEqual({ id, revoked: true })
  const { status, body } = await lab.send({}, leaky)
  expect(status).toBe(401)
  expect(body.error.code).toBe('unauthorized')
  await expect(lab.meanwhile(lab.submit({ text: 'x' }, key))).rejects.toMatchObject({ responseCode: 535 })

  expect((await lab.message(message)).status).toBe(states[0])
  greylisting = false
  await lab.advance(61_000)
  expect((await lab.ended(others)).status).toBe('delivered')
  if (queued === 'keep') await lab.ended(message)
  expect((await lab.message(message)).status).toBe(states[1])
  expect(lab.mx.messages).toHaveLength(queued === 'keep' ? 2 : 1)
})

test('a session that was open when its key was revoked sends nothing more', async () => {
  await using lab = await startLab()
  const { key, id } = must(await lab.admin.keyCreate({ account: 'default', name: 'leaky', mode: 'live' }))
  const port = lab.port('submission.starttls')
  const auth = { user: key, pass: key }
  const transport = createTransport({
    pool: true,
    maxConnections: 1,
    host: '127.0.0.1',
    port,
    auth,
    tls: { rejectUnauthorized: false },
  })
  const letter = { from: 'a@example.com', to: 'rcpt@example.net', text: 'x' }
  try {
    await lab.ended(idIn((await transport.sendMail(letter)).response))
    must(await lab.admin.keyRevoke({ key: id, queued: 'keep' }))
    await expect(transport.sendMail(letter)).rejects.toMatchObject({ responseCode: 550 })
  } finally {
    transport.close()
  }
  expect(lab.mx.messages).toHaveLength(1)
})
