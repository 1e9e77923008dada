//
// Classic Bcc: who is in no header field still gets a copy, and nobody can see it (RFC 5321 appendix B).

import { expect, test } from 'bun:test'
import { idIn, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

test('a recipient that only the envelope names gets a copy that nobody else can tell', async () => {
  await using lab = await startLab()
  const reply = await lab.submit({
    envelope: { from: 'shop@example.com', to: ['seen@example.net', 'hidden@example.net'] },
    raw: 'From: shop@example.com\r\nTo: seen@example.net\r\nSubject: both\r\n\r\nhello\r\n',
  })
  const view = await lab.ended(idIn(reply))
  expect(story(view, 'seen@example.net')).toEqual(['queued', 'delivered'])
  expect(story(view, 'hidden@example.net')).toEqual(['queued', 'delivered'])
  expect(lab.mx.messages.map((message) => message.forwardPaths).sort()).toEqual([
    ['hidden@example.net'],
    ['seen@example.net'],
  ])
  for (const { bytes } of lab.mx.messages) expect(bytes.toString('latin1')).not.toContain('hidden')
  // A bounce must be told apart by its recipient, so each copy has a reverse-path of its own.
  expect(new Set(lab.mx.messages.map((message) => message.reversePath)).size).toBe(2)
})
