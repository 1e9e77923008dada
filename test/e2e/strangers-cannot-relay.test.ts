//
// T3–T5, T1: nobody sends through us without a key, a key travels under TLS alone, and one message cannot hide another.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'
import { smtpClient } from '../support/smtp-client.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

test('without TLS no AUTH is offered, none is taken, and no mail', async () => {
  const client = await smtpClient(lab.port('submission.starttls'))
  await client.reply()
  client.send('EHLO stranger.test\r\n')
  expect((await client.reply()).join('\n')).not.toContain('AUTH')
  expect(
    await client.ask(`AUTH PLAIN ${Buffer.from(`\0${LAB_KEY}\0${LAB_KEY}`).toString('base64')}`),
  ).toMatch(/^5/)
  expect(await client.ask('MAIL FROM:<shop@example.com>')).toMatch(/^530 5\.7\.0/)
  client.close()
})

test('under TLS, without a key, no mail', async () => {
  const client = await smtpClient(lab.port('submission.tls'), { tls: true })
  await client.reply()
  await client.ask('EHLO stranger.test')
  for (const command of ['MAIL FROM:<shop@example.com>', 'RCPT TO:<a@example.net>', 'DATA']) {
    expect(await client.ask(command)).toMatch(/^530 5\.7\.0/)
  }
  client.close()
})

test('a command that was sent before the handshake is not heard after it', async () => {
  const client = await smtpClient(lab.port('submission.starttls'))
  await client.reply()
  await client.ask('EHLO stranger.test')
  client.send('STARTTLS\r\nNOOP injected\r\n')
  expect(await client.line()).toStartWith('220')
  // RFC 3207 §4.2: either the session ends, or what came in clear is forgotten.
  const heard = await client.startTls().then(
    () => client.ask('EHLO again.test'),
    () => 'closed',
  )
  expect(heard).not.toContain('2.0.0')
  client.close()
})

test.each([
  ['a bare LF', 'Subject: one\n\nx\r\n.\r\n'],
  ['a dot between bare LFs', 'Subject: one\r\n\r\nx\n.\nMAIL FROM:<shop@example.com>\r\n.\r\n'],
  ['a dot between LF and CRLF', 'Subject: one\r\n\r\nx\n.\r\nMAIL FROM:<shop@example.com>\r\n.\r\n'],
  ['a bare CR', 'Subject: one\r\n\r\nx\r.\r\ny\r\n.\r\n'],
  ['a NUL', 'Subject: one\r\n\r\nx\0y\r\n.\r\n'],
])('%s is refused with the whole message', async (_, content) => {
  const client = await smtpClient(lab.port('submission.tls'), { tls: true })
  await client.reply()
  expect(await client.authenticate(LAB_KEY)).toStartWith('235')
  for (const command of ['MAIL FROM:<shop@example.com>', 'RCPT TO:<a@example.net>']) {
    expect(await client.ask(command)).toStartWith('250')
  }
  expect(await client.ask('DATA')).toStartWith('354')
  client.send(`From: shop@example.com\r\n${content}`)
  expect((await client.reply()).join()).toMatch(/^5[05]\d 5\.6\.0/)
  client.close()
})

test('and after all that nothing was sent', () => expect(lab.mx.connections).toBe(0))
