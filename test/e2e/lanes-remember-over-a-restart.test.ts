//
// A restart is no reason to press again where we were told not to.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

const MINUTE = 60_000

test('a paused lane is paused after a restart, for the rest of its pause, and says why', async () => {
  let blocks = true
  await using lab = await startLab({
    mx: {
      at: (moment) =>
        moment === 'CONNECT' && blocks ? { reply: '554 5.7.1 go away, blocked', drop: true } : undefined,
    },
  })
  const first = await lab.sent()
  await lab.tried(first, 1)
  const lane = async () => must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]
  const until = (await lane())?.paused_until
  await lab.stop()
  blocks = false
  const asked = lab.mx.connections
  await lab.start()
  const kept = await lane()
  expect(kept).toMatchObject({ state: 'paused', limit: 0 })
  expect(Date.parse(kept?.paused_until ?? '') - Date.parse(until ?? '')).toBeLessThan(10)
  expect(kept?.why).toContain('go away')

  const id = await lab.sent()
  await lab.advance(4 * MINUTE)
  expect(lab.mx.connections).toBe(asked)
  await lab.advance(2 * MINUTE)
  expect(story(await lab.ended(id))).toEqual(['queued', 'delivered'])
  expect((await lane())?.state).toBe('growing')
}, 20_000)

test('a rate that was told stays', async () => {
  await using lab = await startLab({
    mx: { at: (moment) => (moment === 'MAIL' ? '421 4.7.28 unusual rate of mail, slow down' : undefined) },
  })
  await lab.tried(await lab.sent(), 1)
  const lane = async () => must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]
  const told = await lane()
  expect(told?.state).toBe('slowed')
  await lab.stop()
  await lab.start()
  expect(await lane()).toMatchObject({ state: 'slowed', per_second: told?.per_second, why: told?.why })
}, 20_000)
