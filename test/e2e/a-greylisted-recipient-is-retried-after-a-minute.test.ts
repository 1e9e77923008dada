//
// RFC 6647: who is told 450 comes again. The first wait is a minute (services/queue/retry.ts).

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { eventOf, story } from '../support/lab-answers.ts'

test('a greylisted recipient is tried again after a minute, and delivered', async () => {
  let greylisting = true
  await using lab = await startLab({
    mx: {
      at: (moment) => (moment === 'RCPT' && greylisting ? '450 4.2.0 greylisted, come back' : undefined),
    },
  })
  const id = await lab.sent()
  const waiting = await lab.tried(id, 1)
  expect(story(waiting)).toEqual(['queued', 'deferred'])
  const deferred = eventOf(waiting, 'deferred')
  expect(Date.parse(deferred.next_attempt_at) - Date.parse(deferred.timestamp)).toBe(60_000)
  expect(deferred.bounce.diagnostic).toBe('450 4.2.0 greylisted, come back')
  greylisting = false
  await lab.advance(59_000)
  expect((await lab.message(id)).deliveries[0]?.attempts).toHaveLength(1)
  await lab.advance(2_000)
  const view = await lab.ended(id)
  expect(story(view)).toEqual(['queued', 'deferred', 'delivered'])
  expect(view.deliveries[0]?.attempts.map((attempt) => attempt.outcome)).toEqual(['deferred', 'delivered'])
  expect(lab.mx.messages).toHaveLength(1)
})
