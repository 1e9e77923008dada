// A hundred messages through three slots into an MX that misbehaves at random: whatever it does, every order is
// reported once, what is reported as delivered arrived once, and what is not did not (but for F9's uncertain ones).

import { expect, test } from 'bun:test'
import type { DeliveryReport } from '../../../src/net/delivery/order.ts'
import { type Behaviour, type Moment, startMx } from '../../support/mx.ts'
import { orderFor } from '../../support/orders.ts'
import { slotWith } from '../../support/slot.ts'
import { until } from '../../support/until.ts'

const ORDERS = 100
const SLOTS = 3

/** Most things go well; the rest goes wrong in every way at every moment. */
const FAULTS: readonly Behaviour[] = [
  { drop: true },
  { drop: true, store: true },
  '421 4.3.2 going away',
  '450 4.2.0 later',
  '550 5.7.1 no',
  { reply: '450 4.2.0 later', drop: true },
  { reply: '550 5.7.1 no', drop: true },
  { pieces: 3 },
]

test.each([1, 2, 3, 4, 5, 6, 7, 8])('storm %i', async (seed) => {
  const dice = diceOf(seed)
  const pipelining = seed % 4 !== 0
  const at = (moment: Moment): Behaviour | undefined => {
    if (moment === 'QUIT' || moment === 'OTHER' || dice() > 0.06) return undefined
    const fault = FAULTS[Math.floor(dice() * FAULTS.length)]
    return typeof fault === 'object' && fault.store && moment !== 'BODY' ? undefined : fault
  }
  const mx = await startMx({ pipelining, at })
  const reports: DeliveryReport[] = []
  const report = (each: DeliveryReport) => reports.push(each)
  const slots = Array.from({ length: SLOTS }, () => slotWith({ report }).slot)
  for (let n = 0; n < ORDERS; n++) {
    slots[n % SLOTS]?.push(orderFor({ mx: [mx], id: `msg_${n}.0`, recipient: `r${n}@receiver.test` }))
  }
  await until('every order is reported', () => reports.length >= ORDERS)
  await new Promise((resolve) => setTimeout(resolve, 5))
  await Promise.all(slots.map((slot) => slot.finish()))
  await mx.close()

  expect(new Set(reports.map((report) => report.deliveryId)).size).toBe(ORDERS)
  expect(reports.length).toBe(ORDERS)
  const arrived = new Map<string, number>()
  for (const { forwardPaths } of mx.messages) {
    const [recipient = ''] = forwardPaths
    arrived.set(recipient, (arrived.get(recipient) ?? 0) + 1)
  }
  const wrong = reports.filter(({ deliveryId, outcome }) => {
    const times = arrived.get(`r${deliveryId.slice(4, -2)}@receiver.test`) ?? 0
    if (outcome.kind === 'delivered') return times !== 1
    return times > (outcome.cause.kind === 'uncertain' ? 1 : 0)
  })
  expect(wrong).toEqual([])
  expect(reports.some(({ outcome }) => outcome.kind === 'delivered')).toBe(true)
})

/** A small generator of its own: the same storm each time. */
function diceOf(seed: number): () => number {
  let state = seed * 2_654_435_761
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}
