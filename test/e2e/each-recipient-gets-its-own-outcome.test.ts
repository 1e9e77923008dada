import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

test('of three recipients one is delivered, one bounces, one waits', async () => {
  await using lab = await startLab({
    mx: {
      at: (moment, { line }) => {
        if (moment !== 'RCPT') return undefined
        if (line.includes('gone@')) return '550 5.1.1 no such user'
        return line.includes('busy@') ? '451 4.3.0 later' : undefined
      },
    },
  })
  const id = await lab.sent({ to: ['good@example.net', 'gone@example.net', 'busy@example.net'] })
  const view = await lab.tried(id, 1)
  expect(story(view, 'good@example.net')).toEqual(['queued', 'delivered'])
  expect(story(view, 'gone@example.net')).toEqual(['queued', 'bounced'])
  expect(story(view, 'busy@example.net')).toEqual(['queued', 'deferred'])
  expect(view.status).toBe('queued')
  expect(lab.mx.messages.map((message) => message.forwardPaths)).toEqual([['good@example.net']])
})
