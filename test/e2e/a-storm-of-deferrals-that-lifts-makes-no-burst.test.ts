//
// Everything was put off for a while, and is due. It leaves at the lane's rate, not in one moment.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const LETTERS = 150

test('after the storm no second carries more than the rate and its quarter, and all of it arrives', async () => {
  let storm = false
  let clock = (): number => 0
  const taken: number[] = []
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment === 'MAIL' && storm) return '421 4.7.28 unusual rate of mail from your address, slow down'
        if (moment === 'BODY') taken.push(clock())
        return undefined
      },
    },
  })
  clock = () => lab.clock.monotonic()
  const lane = async () => must(await lab.admin.queueLanes({ provider: 'example.net' }))[0]
  await lab.ended(await lab.sent({ to: Array.from({ length: 100 }, (_, i) => `warm${i}@example.net`) }))

  storm = true
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, part) =>
      lab.sent({ to: Array.from({ length: LETTERS / 10 }, (_, i) => `r${part}-${i}@example.net`) }),
    ),
  )
  await lab.advance(20 * MINUTE)
  expect((await lane())?.state).toBe('slowed')
  const warm = taken.length

  storm = false
  let fastest = 0
  for (let step = 0; step < 600 && taken.length < warm + LETTERS; step++) {
    fastest = Math.max(fastest, (await lane())?.per_second ?? 0)
    await lab.advance(10 * SECOND)
  }
  for (const id of ids) {
    const view = await lab.meanwhile(lab.ended(id))
    for (const { recipient } of view.deliveries) expect(story(view, recipient).at(-1)).toBe('delivered')
  }
  expect(fastest).toBeLessThan(50)
  const after = taken.slice(warm)
  for (const from of after) {
    const within = after.filter((at) => at >= from && at < from + SECOND).length
    expect(within).toBeLessThanOrEqual(Math.ceil(fastest * 1.25) + 1)
  }
}, 60_000)
