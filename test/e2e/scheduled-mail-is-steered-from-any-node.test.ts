//
// Two nodes at one PostgreSQL database: what one took is given another time, cancelled and delivered at the other.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { HOUR, SECOND } from '../../src/core/time.ts'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(120_000)

const suite = postgresSuite('PostgreSQL')

test.skipIf(suite.skip)(`${suite.name}: any node steers what another one took`, async () => {
  const config = { 'store.url': await freshDatabase(), 'delivery.warmup': 'off' }
  await using door = await startLab({ config: { ...config, 'server.roles': 'api' } })
  await using sender = await startLab({
    beside: door,
    clock: handClock(LAB_START),
    config: { ...config, 'server.node': '2' },
  })
  const both = (by: number) => Promise.all([door.advance(by), sender.advance(by)])
  const start = door.clock.now()
  const at = (by: number): string => new Date(start + by).toISOString()
  const stays = await door.sent({ to: 'stays@example.net', scheduled_at: at(30 * SECOND) })
  const moves = await door.sent({ to: 'moves@example.net', scheduled_at: at(30 * SECOND) })
  const ends = await door.sent({ to: 'ends@example.net', scheduled_at: at(30 * SECOND) })
  expect(await steer(sender, 'PATCH', `/v1/email/${moves}`, { scheduled_at: at(HOUR) })).toBe('scheduled')
  expect(await steer(sender, 'POST', `/v1/email/${ends}/cancel`)).toBe('cancelled')
  await both(32 * SECOND)
  expect((await door.ended(stays)).status).toBe('delivered')
  expect((await door.message(ends)).status).toBe('cancelled')
  expect((await door.message(moves)).status).toBe('scheduled')
  expect(await steer(door, 'PATCH', `/v1/email/${moves}`, { scheduled_at: at(50 * SECOND) })).toBe(
    'scheduled',
  )
  await both(20 * SECOND)
  expect((await sender.ended(moves)).status).toBe('delivered')
  expect(door.mx.messages).toHaveLength(2)
})

async function steer(lab: Lab, method: string, path: string, body?: unknown): Promise<string> {
  const answer = await lab.fetch(path, {
    method,
    headers: { ...AUTHORIZED, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return ((await answer.json()) as { readonly status: string }).status
}
