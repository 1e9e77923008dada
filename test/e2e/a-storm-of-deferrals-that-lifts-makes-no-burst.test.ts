//
// Everything was put off for a while, and is due. It leaves at the lane's rate, not in one moment.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const LETTERS = 150
const STEP = 10 * SECOND

test('after the storm no more leaves than the rate allows, and all of it arrives', async () => {
  let storm = false
  let taken = 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment === 'MAIL' && storm) return '421 4.7.28 unusual rate of mail from your address, slow down'
        if (moment === 'BODY') taken += 1
        return undefined
      },
    },
  })
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
  const warm = taken

  storm = false
  // The clock moves by ten seconds; what left within them arrives in them or in the next ones.
  const steps: { readonly taken: number; readonly rate: number | null }[] = []
  for (let left = 600; left > 0 && taken < warm + LETTERS; left--) {
    const before = taken
    await lab.advance(STEP)
    steps.push({ taken: taken - before, rate: (await lane())?.per_second ?? null })
  }
  for (const id of ids) {
    const view = await lab.meanwhile(lab.ended(id))
    for (const { recipient } of view.deliveries) expect(story(view, recipient).at(-1)).toBe('delivered')
  }
  const limited = steps.filter(({ rate }) => rate !== null)
  expect(limited.length).toBeGreaterThan(60)
  for (const [i, { taken: now, rate }] of steps.entries()) {
    if (rate === null) continue
    const most = (2 * rate * STEP) / SECOND + 2
    expect([i, now + (steps[i - 1]?.taken ?? 0) <= most]).toEqual([i, true])
  }
}, 60_000)
