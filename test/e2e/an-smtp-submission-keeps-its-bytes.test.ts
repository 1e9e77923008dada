//
// api.md B, SMTP parity; RFC 6409 §8 says what a submission agent may change, and the body is not among it.

import { expect, test } from 'bun:test'
import { idIn, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { bodyOf, headerOf } from '../support/message.ts'

const HEADER = [
  'From: Shop <shop@example.com>',
  'To: rcpt@example.net',
  'Bcc: secret@example.net',
  'Resent-Bcc: secret@example.net',
  'Subject: kept',
  'X-MailWok-Tags: welcome, trial',
  'X-MailWok-Custom: {"order": 7}',
  'Message-ID: <mine@example.com>',
  'Date: Fri, 02 Jan 2026 03:04:05 +0000',
  'X-Folded: one',
  '\ttwo',
]
const BODY = Buffer.from(
  '.\r\n..dots\r\n  spaces  \r\n\tgr\xfc\xdfe, latin1 \x80\xff\r\n\r\n\r\nend',
  'latin1',
)

test('a message submitted by STARTTLS arrives with its body byte for byte, without Bcc and X-MailWok-*', async () => {
  await using lab = await startLab()
  const raw = Buffer.concat([Buffer.from(`${HEADER.join('\r\n')}\r\n\r\n`), BODY])
  const reply = await lab.submit({
    envelope: { from: 'shop@example.com', to: ['rcpt@example.net'] },
    raw,
  })
  const view = await lab.ended(idIn(reply))
  expect(story(view)).toEqual(['queued', 'delivered'])
  expect(view.tags).toEqual(['welcome', 'trial'])
  expect(view.custom).toEqual({ order: 7 })
  const [message] = lab.mx.messages
  const bytes = message?.bytes ?? Buffer.alloc(0)
  // DATA ends every message with a line end; the client sent none.
  expect(bodyOf(bytes).toString('latin1')).toBe(`${BODY.toString('latin1')}\r\n`)
  const header = headerOf(bytes)
  expect(header).not.toMatch(/^(?:bcc|resent-bcc|x-mailwok-)/im)
  expect(bytes.toString('latin1')).not.toContain('secret@')
  for (const line of HEADER.filter((each) => !/^(?:Bcc|Resent-Bcc|X-MailWok)/.test(each)))
    expect(header).toContain(line)
  expect((await lab.dkim(bytes)).map((each) => each.result)).toEqual(['pass', 'pass'])
})
