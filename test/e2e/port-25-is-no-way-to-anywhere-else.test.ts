import { describe, expect, test } from 'bun:test'
import { createTransport } from 'nodemailer'
import { startLab } from '../support/appliance.ts'
import { asked, deliver, letter } from '../support/inbound.ts'
import { smtpClient } from '../support/smtp-client.ts'
import { until } from '../support/until.ts'

test.each([
  ['a stranger at another domain', 'victim@example.net', '550 5.7.1'],
  ['nobody at a domain of ours', 'nobody@example.com', '550 5.1.1'],
  ['nobody at our host', 'nobody@mail.lab.test', '550 5.1.1'],
  ['nobody at a return path host', 'nobody@bounce.example.com', '550 5.1.1'],
  ['the return path host of strangers', 'b+x@bounce.example.net', '550 5.7.1'],
  ['a percent hack', 'victim%example.net@mail.lab.test', '550 5.1.1'],
  ['a source route', '@mail.lab.test:victim@example.net', '550 5.7.1'],
  ['a bang path', '"example.net!victim"@mail.lab.test', '550 5.1.1'],
])('%s is refused at RCPT', async (_, path, reply) => {
  await using lab = await startLab()
  expect(await asked(lab, path)).toStartWith(reply)
  expect(await asked(lab, path, 'shop@example.com')).toStartWith(reply)
})

// Hosts write their bounces from such senders; nothing is ever sent to one (RFC 5321 §6.1 has them be null).
test.each([
  ['MAILER-DAEMON', 'a name without a domain'],
  ['postmaster', 'a name without a domain'],
  ['root@localhost', 'a single label'],
  ['x@[192.0.2.1]', 'an address literal'],
  [' ann@stranger.example ', 'spaces around it'],
  ['@relay.example:ann@stranger.example', 'a source route'],
  ['a b@stranger.example', 'a space inside'],
  ['.ann..lee.@stranger.example', 'dots too many'],
  ['"ann@stranger.example', 'a quote that stays open'],
  ['ann@under_score', 'no domain'],
  ['änn@stranger.example', 'letters beyond ASCII'],
  ['@', 'nothing at all'],
])('a sender like <%s> is taken: %s', async (from) => {
  await using lab = await startLab()
  expect(await asked(lab, 'abuse@mail.lab.test', from)).toStartWith('250')
  expect(await asked(lab, 'victim@example.net', from)).toStartWith('550 5.7.1')
})

test('a sender that nobody can be is passed on in words, and is never who is answered', async () => {
  await using lab = await startLab({ dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } } })
  const message = 'Subject: hello\n\nGood day.\n'
  const from = 'MAILER-DAEMON, bob@victim.example'
  expect(await deliver(lab, { from, to: ['abuse@mail.lab.test'], message })).toStartWith('250')
  await until('it was forwarded', () => lab.mx.messages.length === 1)
  const text = lab.mx.messages[0]?.bytes.toString() ?? ''
  expect(text).toContain('MAILER-DAEMON')
  expect(text).not.toContain('Reply-To')
})

test.each([
  ['MAIL FROM:ann@stranger.example', '501 5.5.4'],
  ['MAIL FROM:<ann@stranger.example', '501 5.5.4'],
  [`MAIL FROM:<${'x'.repeat(255)}>`, '553 5.1.7'],
  ['MAIL FROM:<ann\u0085@x>', '553 5.1.7'],
])('%s is no sender', async (command, reply) => {
  await using lab = await startLab()
  const client = await smtpClient(lab.port('inbound.listen'))
  await client.reply()
  await client.ask('EHLO a.example')
  expect(await client.ask(command)).toStartWith(reply)
  client.close()
})

test('what is refused is never answered by mail, and nothing leaves', async () => {
  await using lab = await startLab()
  const message = letter()
  expect(await deliver(lab, { from: 'a@example.net', to: ['nobody@example.com'], message })).toStartWith(
    '550',
  )
  expect(await deliver(lab, { to: ['victim@example.net'], message })).toStartWith('550')
  await lab.advance(60_000)
  expect(lab.mx.messages).toEqual([])
})

describe('the dialogue', () => {
  test('offers STARTTLS, and neither AUTH nor DSN', async () => {
    await using lab = await startLab()
    const client = await smtpClient(lab.port('inbound.listen'))
    expect((await client.reply())[0]).toBe('220 mail.lab.test ESMTP')
    client.send('EHLO client.example\r\n')
    const offered = (await client.reply()).slice(1).map((line) => line.slice(4))
    expect(offered).toEqual([
      'PIPELINING',
      'SIZE 10000000',
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'STARTTLS',
    ])
    expect(await client.ask('AUTH PLAIN AGEAYg==')).toStartWith('502 5.5.1')
    expect(await client.ask('MAIL FROM:<a@b.example> RET=HDRS')).toStartWith('555 5.5.4')
    expect(await client.ask('STARTTLS')).toStartWith('220')
    await client.startTls()
    client.send('EHLO client.example\r\n')
    expect((await client.reply()).map((line) => line.slice(4))).not.toContain('STARTTLS')
    expect(await client.ask('MAIL FROM:<>')).toStartWith('250')
    expect(await client.ask('RCPT TO:<postmaster>')).toStartWith('250')
    expect(await client.ask('RCPT TO:<postmaster@mail.lab.test> NOTIFY=NEVER')).toStartWith('555')
    client.close()
  })

  test('is what ordinary clients speak, under TLS', async () => {
    await using lab = await startLab({ dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } } })
    const transport = createTransport({
      host: '127.0.0.1',
      port: lab.port('inbound.listen'),
      requireTLS: true,
      tls: { rejectUnauthorized: false },
    })
    const sent = await transport.sendMail({
      from: 'ann@stranger.example',
      to: 'abuse@mail.lab.test',
      subject: 'Spam from you',
      text: 'Please stop.\n.\nThank you.',
    })
    transport.close()
    expect(sent.response).toBe('250 2.0.0 Ok')
    await until('it was forwarded', () => lab.mx.messages.length === 1)
    const text = lab.mx.messages[0]?.bytes.toString() ?? ''
    expect(text).toContain('with ESMTPS id req_')
    expect(text).toContain('\r\n.\r\nThank you.')
  })

  test('a bare LF ends nothing and ends the session (T1)', async () => {
    await using lab = await startLab()
    const client = await smtpClient(lab.port('inbound.listen'))
    await client.reply()
    for (const command of ['EHLO a.example', 'MAIL FROM:<>', 'RCPT TO:<postmaster@mail.lab.test>', 'DATA']) {
      await client.ask(command)
    }
    client.send('Subject: x\r\n\r\nx\n.\nMAIL FROM:<a@b.example>\r\nRCPT TO:<abuse@mail.lab.test>\r\n.\r\n')
    expect(await client.line()).toStartWith('550 5.6.0 Message contains a bare LF')
    expect(await client.line()).toBeNull()
  })

  test('who speaks before the greeting is sent away', async () => {
    await using lab = await startLab({ config: { 'inbound.greeting_pause': '1s' } })
    const early = await smtpClient(lab.port('inbound.listen'))
    early.send('EHLO spam.example\r\n')
    expect(await early.line()).toStartWith('554 5.5.1')
    expect(await early.line()).toBeNull()
    const patient = await smtpClient(lab.port('inbound.listen'))
    const greeting = patient.line()
    await lab.meanwhile(greeting)
    expect(await greeting).toBe('220 mail.lab.test ESMTP')
    patient.close()
  })

  test('who guesses names is slowed and sent away', async () => {
    await using lab = await startLab()
    const client = await smtpClient(lab.port('inbound.listen'))
    await client.reply()
    await client.ask('EHLO spam.example')
    await client.ask('MAIL FROM:<a@b.example>')
    for (let at = 0; at < 10; at++) {
      expect(await client.ask(`RCPT TO:<user${at}@example.com>`)).toStartWith('550 5.1.1')
    }
    client.send('RCPT TO:<user10@example.com>\r\n')
    const late = client.line()
    await lab.meanwhile(late)
    expect(await late).toStartWith('550 5.1.1')
    for (let at = 11; at < 20; at++) client.send(`RCPT TO:<user${at}@example.com>\r\n`)
    const replies: (string | null)[] = []
    await lab.meanwhile(
      until('it hangs up', async () => {
        const line = await client.line()
        replies.push(line)
        return line === null
      }),
    )
    expect(replies.at(-2)).toStartWith('421 4.7.0 Too many errors')
  })

  test('a message beyond the limit is refused, declared or not', async () => {
    await using lab = await startLab({ config: { 'inbound.max_message_size': '1KB' } })
    const client = await smtpClient(lab.port('inbound.listen'))
    await client.reply()
    await client.ask('EHLO a.example')
    expect(await client.ask('MAIL FROM:<> SIZE=2000')).toStartWith('552 5.3.4')
    client.close()
    const message = letter('', 'x\n'.repeat(1000))
    expect(await deliver(lab, { to: ['postmaster@mail.lab.test'], message })).toStartWith('552 5.3.4')
  })
})
