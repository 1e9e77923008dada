//
// I11, F20: after four days in a closed lid leases have lapsed and retention is due; what is owed is still there.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { until } from '../support/until.ts'

const DAY = 86_400_000

test('mail that waited is delivered after the sleep; the content of what was done is gone, its story is not', async () => {
  let greylisting = true
  await using lab = await startLab({
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && greylisting && line.includes('busy@') ? '450 4.2.0 later' : undefined,
    },
  })
  const done = await lab.sent({ to: 'good@example.net' })
  await lab.ended(done)
  const owed = await lab.sent({ to: 'busy@example.net' })
  await lab.tried(owed, 1)
  greylisting = false

  lab.clock.pause(4 * DAY)
  const db = new Database(join(lab.folder, 'data/mailwok.db'), { readonly: true })
  const kept = db.query<{ message: string }, []>(
    'SELECT m.id AS message FROM contents c JOIN messages m ON m.content_id = c.id ORDER BY m.id',
  )
  await until('retention has passed', () => !kept.all().some((row) => row.message === done))
  await lab.advance(1000)
  expect(story(await lab.ended(owed))).toEqual(['queued', 'deferred', 'delivered'])
  expect(lab.mx.messages.map((message) => message.forwardPaths)).toEqual([
    ['good@example.net'],
    ['busy@example.net'],
  ])
  db.close()
  expect(story(await lab.message(done))).toEqual(['queued', 'delivered'])
})
