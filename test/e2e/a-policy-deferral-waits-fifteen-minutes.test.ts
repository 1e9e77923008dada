//
// RFC 3463 §3.8: X.7.Z speaks of our behaviour; coming back soon makes it worse.

import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

const MINUTE = 60_000

test('after 4.7.x the next attempt is fifteen minutes away', async () => {
  let refused = 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment !== 'MAIL' || refused > 0) return undefined
        refused += 1
        return '451 4.7.1 too much mail from your address'
      },
    },
  })
  const id = await lab.sent()
  await lab.tried(id, 1)
  await lab.advance(14 * MINUTE)
  expect((await lab.message(id)).deliveries[0]?.attempts).toHaveLength(1)
  await lab.advance(2 * MINUTE)
  expect(story(await lab.ended(id))).toEqual(['queued', 'deferred', 'delivered'])
  expect(lab.mx.messages).toHaveLength(1)
})
