//
// F6: the host's clock is set a day ahead, or a day back, while a lane is paused, mail is deferred and a budget is used.
// Nothing ends early, nobody is hammered, nothing waits for the day that was taken away.

import { expect, test } from 'bun:test'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { idIn, type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { startMx } from '../support/mx.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { policyText, startTlsLab } from '../support/tls-lab.ts'
import { until } from '../support/until.ts'

const BLOCKING = '127.0.0.31'
const ZONE = {
  'example.net': { MX: [[10, 'mx.example.net']], ttl: 3600 },
  'mx.example.net': { A: ['127.0.0.1'], ttl: 3600 },
  'blocks.test': { A: [BLOCKING], ttl: 3600 },
} as const
const ONE_A_DAY = '[[source]]\naddress = "127.0.0.2"\nmax_per_day = 1\n'
const marketing = async (lab: Lab): Promise<string> =>
  idIn(
    await lab.submit({
      text: 'News.',
      headers: { 'list-unsubscribe': '<https://example.com/u>', 'x-mailwok-stream': 'marketing' },
    }),
  )

const onPostgres = postgresSuite('PostgreSQL')
const ROWS = [
  ['a day ahead', DAY],
  ['a day back', -DAY],
] as const

test.each(ROWS)('SQLite: %s', (_, by) => jumps(by, {}), 30_000)
test.skipIf(onPostgres.skip).each(ROWS)(
  `${onPostgres.name}: %s`,
  async (_, by) => jumps(by, { 'store.url': await freshDatabase() }),
  30_000,
)

async function jumps(by: number, config: Readonly<Record<string, string>>): Promise<void> {
  let [blocks, defers] = [true, true]
  await using lab = await startLab({
    dns: ZONE,
    toml: ONE_A_DAY,
    config,
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && defers && line.includes('later') ? '451 4.3.2 later' : undefined,
    },
  })
  const blocking = await startMx({
    host: BLOCKING,
    port: lab.mx.port,
    at: (moment) => (moment === 'CONNECT' && blocks ? { reply: '554 5.7.1 blocked', drop: true } : undefined),
  })
  const lane = async () => must(await lab.admin.queueLanes({ provider: 'blocks.test' }))[0]
  await lab.tried(await lab.sent({ to: 'first@blocks.test' }), 1)
  expect((await lane())?.state).toBe('paused')
  const behind = await lab.sent({ to: 'behind@blocks.test' })
  const later = await lab.sent({ to: 'later@example.net', expires_after: '12h' })
  await lab.tried(later, 1)
  expect((await lab.ended(await marketing(lab))).status).toBe('delivered')
  const surplus = await marketing(lab)
  must(await lab.admin.accountSetPlan({ account: 'default', plan: 'free' }))
  await lab.ended(await lab.sent())

  lab.clock.jump(by)
  await lab.advance(10 * SECOND)
  // The first look at a bucket after the step gives nothing: nobody knows how long ago the last one was.
  await lab.send()
  await lab.advance(2 * SECOND)
  // What comes now leaves now, and plans give as much as before.
  for (let i = 0; i < 3; i++) {
    expect((await lab.ended(await lab.sent())).status).toBe('delivered')
    await lab.advance(SECOND)
  }
  expect(story(await lab.message(surplus))).toEqual(['queued'])
  expect((await lane())?.state).toBe('paused')
  expect(blocking.connections).toBe(1)
  const view = await lab.message(later)
  expect(view.status).toBe('queued')
  expect(view.deliveries[0]?.attempts.length).toBeLessThanOrEqual(2)

  // Nor does any of it wait for the day that was added or taken away.
  ;[blocks, defers] = [false, false]
  await lab.advance(6 * MINUTE)
  await until('the block is over', async () => (await lane())?.paused_until === null)
  expect((await lab.meanwhile(lab.ended(behind))).status).toBe('delivered')
  expect((await lab.meanwhile(lab.ended(later))).status).toBe('delivered')
  await blocking.close()
}

test('a policy that demands encryption outlives a clock that is set ahead of its end', async () => {
  await using house = await startTlsLab({ mx: { starttls: false } })
  const { lab, web } = house
  house.announce(policyText('enforce', 'mx.example.net', (6 * HOUR) / SECOND))
  await lab.tried(await lab.sent(), 1)
  await web.close()
  lab.dns.set('_mta-sts.example.net', null)
  lab.clock.jump(DAY)
  // Its route is looked up anew.
  await lab.advance(6 * MINUTE)
  await lab.tried(await lab.sent(), 1)
  expect(lab.mx.messages).toEqual([])
})
