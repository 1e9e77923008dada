import { expect, test } from 'bun:test'
import { idIn, startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'
import { bodyOf } from '../support/message.ts'

test('a host that knows no EHLO gets the message after HELO (RFC 5321 §3.2)', async () => {
  await using lab = await startLab({ mx: { ehlo: false } })
  expect(story(await lab.ended(await lab.sent({ html: '<p>Grüße</p>' })))).toEqual(['queued', 'delivered'])
  expect(lab.mx.commands.some((line) => line.includes('HELO mail.lab.test'))).toBe(true)
  const bytes = lab.mx.messages[0]?.bytes ?? Buffer.alloc(0)
  // What we compose is 7-bit.
  expect(bytes.every((octet) => octet < 128)).toBe(true)
})

test('a host without PIPELINING gets one command at a time', async () => {
  await using lab = await startLab({ mx: { pipelining: false } })
  expect(story(await lab.ended(await lab.sent()))).toEqual(['queued', 'delivered'])
})

test('a message that is larger than the host takes bounces softly, and no octet of it is sent', async () => {
  await using lab = await startLab({ mx: { size: 2000 } })
  const view = await lab.ended(await lab.sent({ text: 'x'.repeat(5000) }))
  expect(eventOf(view, 'bounced').bounce).toMatchObject({
    type: 'soft',
    reason: 'too_large',
    enhanced_code: '5.3.4',
  })
  expect(lab.mx.commands.filter((line) => /DATA|BODY/.test(line))).toEqual([])
})

test('an answer in single octets is the same answer', async () => {
  await using lab = await startLab({
    mx: { at: { EHLO: { pieces: 1 }, RCPT: { pieces: 1 }, BODY: { pieces: 1 } } },
  })
  expect(story(await lab.ended(await lab.sent()))).toEqual(['queued', 'delivered'])
})

test('an answer without end, or without sense, is not waited for', async () => {
  for (const behaviour of [
    { endless: true },
    { raw: '\0\0\0 what\r\n' },
    { raw: `${'x'.repeat(100_000)}\r\n` },
  ] as const) {
    await using lab = await startLab({ mx: { at: { EHLO: behaviour } } })
    expect(story(await lab.tried(await lab.sent(), 1))).toEqual(['queued', 'deferred'])
    expect(lab.mx.messages).toEqual([])
  }
})

test('8-bit text that was submitted keeps its octets where 8BITMIME is offered', async () => {
  await using lab = await startLab()
  const body = Buffer.from('Grüße\r\n')
  const raw = Buffer.concat([
    Buffer.from('From: shop@example.com\r\nTo: a@example.net\r\nSubject: s\r\n\r\n'),
    body,
  ])
  await lab.ended(
    idIn(await lab.submit({ envelope: { from: 'shop@example.com', to: ['a@example.net'] }, raw })),
  )
  expect(lab.mx.messages[0]?.parameters['BODY']).toBe('8BITMIME')
  expect(bodyOf(lab.mx.messages[0]?.bytes ?? Buffer.alloc(0)).equals(body)).toBe(true)
})
