//
// The executable, killed while mail waits for its time: by the machine's clock it leaves then, and not before.

import { expect, setDefaultTimeout } from 'bun:test'
import { SECOND } from '../../src/core/time.ts'
import { EXECUTABLE, hasExecutable, startBinary } from '../support/lab-binary.ts'
import { testWith } from '../support/system-part.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(60_000)

/** To be killed, started again and ready, on a machine that runs other suites as well. */
const AHEAD = 8 * SECOND
/** Half a second until somebody looks, and what such a machine takes for a delivery. */
const LATE = 3 * SECOND

testWith(EXECUTABLE, hasExecutable, 'it leaves at its time', async () => {
  await using lab = await startBinary()
  const at = Date.now() + AHEAD
  const { status, body } = await lab.post('/v1/email/send', {
    from: 'shop@example.com',
    to: 'rcpt@example.net',
    subject: 'It is time',
    text: 'Now.',
    scheduled_at: new Date(at).toISOString(),
  })
  expect([status, body.status]).toEqual([200, 'scheduled'])
  expect(await lab.end('SIGKILL')).toBe('SIGKILL')
  await lab.start()
  const ready = Date.now()
  let arrived = 0
  await until('it has arrived', () => {
    if (arrived === 0 && lab.mx.messages.length > 0) arrived = Date.now()
    return arrived > 0
  })
  expect(arrived).toBeGreaterThanOrEqual(at)
  expect(arrived - Math.max(at, ready)).toBeLessThan(LATE)
  expect((await lab.delivered(body.message_id)).deliveries).toHaveLength(1)
})
