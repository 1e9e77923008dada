import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { fieldOf } from '../support/message.ts'

test('recipients of one send get a copy each; To and Cc list all, Bcc never shows', async () => {
  await using lab = await startLab()
  const id = await lab.sent({
    to: ['Ann <ann@example.net>', 'ben@example.net'],
    cc: 'carl@example.net',
    bcc: ['dora@example.net', 'ann@example.net'],
    reply_to: 'help@example.com',
  })
  await lab.ended(id)
  const to = lab.mx.messages.flatMap((message) => message.forwardPaths).sort()
  // Ann was named twice and gets one copy.
  expect(to).toEqual(['ann@example.net', 'ben@example.net', 'carl@example.net', 'dora@example.net'])
  for (const { bytes } of lab.mx.messages) {
    expect(fieldOf(bytes, 'To')).toBe('Ann <ann@example.net>, ben@example.net')
    expect(fieldOf(bytes, 'Cc')).toBe('carl@example.net')
    expect(fieldOf(bytes, 'Reply-To')).toBe('help@example.com')
    expect(fieldOf(bytes, 'Bcc')).toBeNull()
    expect(bytes.toString('latin1')).not.toContain('dora')
  }
  expect(new Set(lab.mx.messages.map(({ bytes }) => fieldOf(bytes, 'Message-ID'))).size).toBe(1)
})

test('with nothing but Bcc the header names an empty group', async () => {
  await using lab = await startLab()
  const { status, body } = await lab.send({ to: undefined, bcc: 'dora@example.net' })
  // `to` is required by the promise; a blind list is a send of its own.
  expect(status).toBe(422)
  expect(body.error.fields.map((field) => field.path)).toContain('to')
  expect(lab.mx.messages).toEqual([])
})
