//
// RFC 6531 §3.5: without SMTPUTF8 such a recipient cannot be named, and the sender is told so.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'

test('a peer without SMTPUTF8: the recipient beyond ASCII bounces with clear words, the other one is served', async () => {
  await using lab = await startLab({ mx: { smtpUtf8: false } })
  const id = await lab.sent({ to: 'zoe@example.net', bcc: 'zoë@example.net' })
  const view = await lab.ended(id)
  const { bounce } = eventOf(view, 'bounced', 'zoë@example.net')
  expect(bounce).toMatchObject({ type: 'soft', reason: 'content', enhanced_code: '5.6.7' })
  expect(bounce.diagnostic).toContain('SMTPUTF8')
  expect(story(view, 'zoe@example.net')).toEqual(['queued', 'delivered'])
})

test('an address beyond ASCII in To needs such a peer for every copy: the header cannot be written otherwise', async () => {
  await using lab = await startLab({ mx: { smtpUtf8: false } })
  const view = await lab.ended(await lab.sent({ to: ['zoë@example.net', 'zoe@example.net'] }))
  expect(story(view)).toEqual(['queued', 'queued', 'bounced', 'bounced'])
  expect(lab.mx.messages).toEqual([])
})

test('a peer with SMTPUTF8 gets it, announced as RFC 6531 wants it', async () => {
  await using lab = await startLab()
  await lab.ended(await lab.sent({ to: 'zoë@example.net' }))
  const [message] = lab.mx.messages
  expect(message?.forwardPaths).toEqual(['zoë@example.net'])
  expect(message?.parameters).toHaveProperty('SMTPUTF8')
})

test('a domain beyond ASCII is delivered as A-labels, and needs no extension', async () => {
  await using lab = await startLab({
    dns: { 'xn--bcher-kva.test': { MX: [[10, 'mx.example.net']] } },
    mx: { smtpUtf8: false },
  })
  const view = await lab.ended(await lab.sent({ to: 'Lese-Ecke <info@Bücher.test>' }))
  expect(story(view)).toEqual(['queued', 'delivered'])
  expect(lab.mx.messages[0]?.forwardPaths).toEqual(['info@xn--bcher-kva.test'])
})
