//
// GET /v1/email/{id}/explain and `mailwok message explain`: what happened, who is at fault, what to do, what is next.

import { expect, test } from 'bun:test'
import { AUTHORIZED, must, startLab } from '../support/appliance.ts'

test('trouble is explained while it waits, and its end when it has one', async () => {
  let mending = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' && mending ? '451 4.3.2 System is being mended' : undefined) },
  })
  const id = await lab.sent()
  await lab.tried(id, 1)
  const answer = await lab.fetch(`/v1/email/${id}/explain`, { headers: AUTHORIZED })
  expect(answer.status).toBe(200)
  const told = (await answer.json()) as Record<string, unknown>
  expect(told).toEqual({ success: true, ...must(await lab.admin.messageExplain({ id })) })
  expect(told).toMatchObject({
    message_id: id,
    summary: '1 recipient, still on the way.',
    recipients: [
      {
        recipient: 'rcpt@example.net',
        status: 'queued',
        what_happened: expect.stringContaining('451 4.3.2 System is being mended'),
        at_fault: { blame: 'receiver', reason: 'system' },
        what_happens_next: expect.stringContaining('It is tried again at'),
      },
    ],
  })
  mending = false
  await lab.meanwhile(lab.ended(id))
  const [recipient] = must(await lab.admin.messageExplain({ id })).recipients
  expect(recipient?.what_happened).toStartWith('mx.example.net took it')
  expect(recipient?.timeline.map(({ text }) => text.replace(/ from.*? after.*?:/, ':'))).toEqual([
    'Accepted and stored.',
    'Attempt 1: 451 4.3.2 System is being mended',
    expect.stringMatching(/^Attempt 2: Ok: queued/),
  ])
  expect(recipient?.timeline.at(-1)?.transcript?.join('\n')).toContain('RCPT')
})

test('another account hears nothing of it', async () => {
  await using lab = await startLab()
  const answer = await lab.fetch('/v1/email/msg_000000000000/explain', { headers: AUTHORIZED })
  expect(answer.status).toBe(404)
})
