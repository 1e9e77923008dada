import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'

test('550 5.1.1 bounces hard at once, with code, host and the words of the peer', async () => {
  await using lab = await startLab({
    mx: { at: { RCPT: '550 5.1.1 <rcpt@example.net>: no such user\n550 5.1.1 see policy' } },
  })
  const id = await lab.sent()
  const view = await lab.ended(id)
  expect(story(view)).toEqual(['queued', 'bounced'])
  expect(eventOf(view, 'bounced')).toMatchObject({
    mx: 'mx.example.net',
    ip: '127.0.0.1',
    bounce: {
      type: 'hard',
      reason: 'mailbox_unknown',
      enhanced_code: '5.1.1',
      diagnostic: '550 5.1.1 <rcpt@example.net>: no such user see policy',
    },
  })
  expect(view.deliveries[0]?.attempts).toMatchObject([
    {
      number: 1,
      outcome: 'bounced',
      code: 550,
      enhanced_code: '5.1.1',
      mx: 'mx.example.net',
      ip: '127.0.0.1',
    },
  ])
  expect(view.deliveries[0]?.next_attempt_at).toBeNull()
  expect(lab.mx.messages).toEqual([])
})

test('a full mailbox is soft: the address itself is fine', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '552 5.2.2 mailbox full' } } })
  const view = await lab.ended(await lab.sent())
  expect(eventOf(view, 'bounced').bounce).toMatchObject({
    type: 'soft',
    reason: 'mailbox_full',
    enhanced_code: '5.2.2',
  })
})

test('554 in the greeting is about us, not about the recipient: it is tried again', async () => {
  await using lab = await startLab({ mx: { at: { CONNECT: '554 5.7.1 go away' } } })
  const view = await lab.tried(await lab.sent(), 1)
  expect(story(view)).toEqual(['queued', 'deferred'])
})
