//
// Nobody told us how many connections a provider bears: it says so, and gets no more.

import { expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'
import { until } from '../support/until.ts'

const MINUTE = 60_000
const BEARS = 3

/** 160 readers, by four messages. */
const sendToAll = (lab: Lab): Promise<readonly string[]> =>
  Promise.all(
    [1, 2, 3, 4].map((part) =>
      lab.sent({ to: Array.from({ length: 40 }, (_, i) => `reader${part}-${i}@example.net`) }),
    ),
  )

const askedOnce = (lab: Lab, ids: readonly string[]): Promise<unknown> =>
  until('everybody was asked once', async () => {
    const views = await Promise.all(ids.map((id) => lab.message(id)))
    return views.every(({ deliveries }) => deliveries.every(({ attempts }) => attempts.length > 0))
  })

const laneOf = async (lab: Lab) => must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]

/** When what was put off has been tried again. */
async function expectAllDelivered(lab: Lab, ids: readonly string[]): Promise<void> {
  await lab.advance(25 * MINUTE)
  for (const id of ids) {
    const view = await lab.meanwhile(lab.ended(id))
    for (const { recipient } of view.deliveries) expect(story(view, recipient).at(-1)).toBe('delivered')
  }
}

test('one that bears three connections at once is not asked for more, and gets everything', async () => {
  let refused = 0
  let open = (): number => 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment !== 'CONNECT' || open() <= BEARS) return undefined
        refused += 1
        return { reply: '421 4.7.0 Too many concurrent connections from your address', drop: true }
      },
    },
  })
  open = () => lab.mx.open

  const ids = await sendToAll(lab)
  await askedOnce(lab, ids)
  const told = await laneOf(lab)
  expect(refused).toBeGreaterThan(0)
  expect(told?.state).toBe('slowed')
  expect(told?.limit).toBeLessThanOrEqual(BEARS)
  expect(told?.why).toContain('Too many concurrent connections')

  const before = refused
  await expectAllDelivered(lab, ids)
  // One at a time it finds out whether more is borne by now.
  expect(refused - before).toBeLessThanOrEqual(BEARS)
})

test('one that resets what is more than three without a word is not asked for more either', async () => {
  let reset = 0
  let open = (): number => 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        // Who is served needs a moment, so that all connections are wanted.
        if (moment === 'BODY') return { slow: 20 }
        if (moment !== 'CONNECT' || open() <= BEARS) return undefined
        reset += 1
        return { drop: true }
      },
    },
  })
  open = () => lab.mx.open

  const ids = await sendToAll(lab)
  await askedOnce(lab, ids)
  expect(reset).toBeGreaterThan(0)
  const told = await laneOf(lab)
  expect(told?.limit).toBeLessThanOrEqual(BEARS)
  expect(told?.paused_until).toBeNull()
  expect(reset).toBeLessThan(20)

  const before = reset
  await expectAllDelivered(lab, ids)
  expect(reset - before).toBeLessThanOrEqual(2 * BEARS)
}, 30_000)
