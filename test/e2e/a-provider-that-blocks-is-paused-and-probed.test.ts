//
// A block is not hammered at: the lane waits, one delivery asks again, and nothing needs a hand.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { until } from '../support/until.ts'

const MINUTE = 60_000
const BLOCKED = '554 5.7.1 Your address is listed on our block list'

test('what waits for it costs no attempts; one delivery a pause asks, and then all of it leaves', async () => {
  let blocks = true
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'CONNECT' && blocks ? { reply: BLOCKED, drop: true } : undefined) },
    dns: { 'other.test': { A: ['127.0.0.1'] } },
  })
  const lane = async () => must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]
  const first = await lab.sent()
  await lab.tried(first, 1)
  expect(await lane()).toMatchObject({ state: 'paused', limit: 0, paused_until: '2026-01-02T00:05:00.000Z' })

  const blocked = async () =>
    must(await lab.admin.doctor({ depth: 'quick' })).diagnoses.filter(
      ({ ailment }) => ailment === 'provider_blocked',
    )
  expect((await blocked()).map(({ why }) => why)).toEqual([expect.stringContaining(BLOCKED)])

  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, i) => lab.sent({ to: `reader${i}@example.net` })),
  )
  const asked = lab.mx.connections
  await lab.advance(4 * MINUTE)
  expect(lab.mx.connections).toBe(asked)
  for (const id of ids) expect((await lab.message(id)).deliveries[0]?.attempts).toEqual([])

  // The first probe finds the block still there: once, and the next pause is twice as long.
  await lab.advance(2 * MINUTE)
  await until('it was probed', async () => (await lane())?.state === 'paused')
  expect(lab.mx.connections).toBe(asked + 1)
  await lab.advance(8 * MINUTE)
  expect(lab.mx.connections).toBe(asked + 1)

  blocks = false
  await lab.advance(5 * MINUTE)
  for (const id of ids) expect(story(await lab.meanwhile(lab.ended(id))).at(-1)).toBe('delivered')
  expect(await lane()).toMatchObject({ paused_until: null, per_second: null })
  expect(await blocked()).toEqual([])
}, 20_000)

test('what expires meanwhile ends in time', async () => {
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'CONNECT' ? { reply: BLOCKED, drop: true } : undefined) },
  })
  await lab.tried(await lab.sent(), 1)
  const older = await Promise.all([1, 2, 3].map((i) => lab.sent({ to: `older${i}@example.net` })))
  await lab.advance(3 * MINUTE)
  const code = await lab.sent({ to: 'login@example.net', expires_after: '10m' })
  // The second pause is from the fifth to the fifteenth minute.
  await lab.advance(11 * MINUTE)
  expect(must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]?.state).toBe('paused')
  expect(story(await lab.ended(code))).toEqual(['queued', 'bounced'])
  const views = await Promise.all(older.map((id) => lab.message(id)))
  expect(views.map(({ deliveries }) => deliveries[0]?.status)).toEqual(['queued', 'queued', 'queued'])
}, 20_000)
