//
// Complaints and bounces that come back later are booked where the mail was sent: warm-up goes by them.

import { expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { bounceOf, complaintOf, deliver, lastReturnPath } from '../support/inbound.ts'
import { until } from '../support/until.ts'

const SOURCE = `
[[source]]
address = "127.0.0.2"
max_per_day = 100
`
const warmup = async (lab: Lab) =>
  must(await lab.admin.sourceList({ provider: 'example.net' }))[0]?.warmups[0]

test('a complaint and a late bounce are booked once each', async () => {
  await using lab = await startLab({ toml: SOURCE })
  await lab.ended(await lab.sent())
  const quoted = `Original-Mail-From: <${lastReturnPath(lab)}>\n`
  const complaint = complaintOf('Subject: redacted', quoted)
  for (let i = 0; i < 2; i++) await deliver(lab, { to: ['fbl@mail.lab.test'], message: complaint })
  await until('the complaint is booked', async () => (await warmup(lab))?.complained_today === 1)

  await lab.ended(await lab.sent({ to: 'gone@example.net' }))
  const back = lastReturnPath(lab)
  await deliver(lab, { to: [back], message: bounceOf('gone@example.net') })
  await until('the bounce is booked', async () => (await warmup(lab))?.hard_bounced_today === 1)
  expect(await warmup(lab)).toEqual({
    provider: 'example.net',
    state: 'cold',
    day_budget: 50,
    used_today: 2,
    deferred_today: 0,
    hard_bounced_today: 1,
    complained_today: 1,
    blocked_today: 0,
  })
})
