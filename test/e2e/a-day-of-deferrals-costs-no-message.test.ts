//
// A provider defers everything for a day, and then takes it: nothing is given up before its five days, nothing is lost,
// and it is asked as often as the schedule says, not more.

import { expect, test } from 'bun:test'
import { DAY, type Milliseconds, SECOND } from '../../src/core/time.ts'
import { startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

const MAILS = 5
/** A heartbeat keeps the lease for a minute. */
const STEP: Milliseconds = 30 * SECOND

test('deferred for a day, delivered then', async () => {
  let deferring = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'RCPT' && deferring ? '451 4.3.2 Please try again later' : undefined) },
  })
  const ids = await Promise.all(
    Array.from({ length: MAILS }, (_, i) => lab.sent({ to: `reader${i}@example.net` })),
  )
  for (const id of ids) await lab.tried(id, 1)
  const pass = async (time: Milliseconds): Promise<void> => {
    for (let left = time; left > 0; left -= STEP) {
      lab.clock.advance(STEP)
      await lab.admin.queueCommand({
        command: 'hold',
        message: 'msg_000000000000',
        destination: null,
        account: null,
        key: null,
      })
    }
  }
  await pass(DAY)
  for (const id of ids) {
    const { status, deliveries } = await lab.message(id)
    expect(status).toBe('queued')
    // 1, 5, 10, 20, 40 minutes, 1, 2 and then every 4 hours.
    expect(deliveries[0]?.attempts.length).toBeGreaterThan(9)
    expect(deliveries[0]?.attempts.length).toBeLessThan(14)
  }
  deferring = false
  await pass(DAY / 4)
  for (const id of ids) expect(story(await lab.ended(id)).at(-1)).toBe('delivered')
  expect(lab.mx.messages).toHaveLength(MAILS)
}, 60_000)
