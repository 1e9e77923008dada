//
// Budgets bind marketing alone. Labs are exempt from warm-up itself (services/queue tests that), so the operator's own
// word, max_per_day, is what binds here.

import { expect, test } from 'bun:test'
import { DAY, MINUTE } from '../../src/core/time.ts'
import { idIn, type Lab, must, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { story } from '../support/lab-answers.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { startMx } from '../support/mx.ts'

const ONE_A_DAY = `
[[source]]
address = "127.0.0.2"
max_per_day = 1
`
const MARKETING = {
  text: 'News.',
  headers: { 'list-unsubscribe': '<https://example.com/u>', 'x-mailwok-stream': 'marketing' },
}
const marketing = async (lab: Lab): Promise<string> => idIn(await lab.submit(MARKETING))

test('marketing beyond the budget waits for the next day without an attempt, and other mail goes on', async () => {
  // Ten minutes to midnight: what has to wait for a day need not be waited for.
  const clock = handClock(LAB_START + DAY - 10 * MINUTE)
  await using lab = await startLab({ toml: ONE_A_DAY, clock })
  expect((await lab.ended(await marketing(lab))).status).toBe('delivered')
  const waiting = await marketing(lab)
  expect((await lab.ended(await lab.sent())).status).toBe('delivered')
  const view = await lab.message(waiting)
  expect(story(view)).toEqual(['queued'])
  expect(view.deliveries[0]?.attempts).toEqual([])
  const [told] = must(await lab.admin.messageExplain({ id: waiting })).recipients
  expect(told?.what_happens_next).toContain('warm-up budget of 127.0.0.2 at example.net')
  expect(must(await lab.admin.sourceList({ provider: 'example.net' }))).toMatchObject([
    { warmups: [{ provider: 'example.net', state: 'cold', day_budget: 1, used_today: 2 }] },
  ])
  // Spread over the first hour of the day; the dice of a lab say half of it.
  await lab.advance(41 * MINUTE)
  expect(story(await lab.meanwhile(lab.ended(waiting)))).toEqual(['queued', 'delivered'])
})

test('in mode hybrid what has no room goes by relay', async () => {
  await using smarthost = await disposable(startMx({ starttls: false }))
  await using lab = await startLab({
    config: { 'delivery.mode': 'hybrid' },
    toml: `${ONE_A_DAY}
[[relay]]
host = "127.0.0.1"
port = ${smarthost.it.port}
tls = "none"
`,
  })
  expect((await lab.ended(await marketing(lab))).deliveries[0]?.attempts[0]?.via).toBe('direct')
  const surplus = await lab.ended(await marketing(lab))
  expect(surplus.deliveries[0]?.attempts).toMatchObject([{ outcome: 'delivered', via: 'relay:127.0.0.1' }])
  expect(surplus.events.at(-1)).toMatchObject({ event: 'email.delivered', via: 'relay:127.0.0.1' })
  expect([lab.mx.messages.length, smarthost.it.messages.length]).toEqual([1, 1])
})

async function disposable<T extends { close(): Promise<void> }>(opening: Promise<T>) {
  const it = await opening
  return { it, [Symbol.asyncDispose]: () => it.close() }
}
