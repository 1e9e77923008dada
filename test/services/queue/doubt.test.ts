//
// What may arrive twice is counted: F1, F9, F10.

import { expect, test } from 'bun:test'
import type { DeliveryId } from '../../../src/core/ids.ts'
import { type LeftOver, tellAfterCrash } from '../../../src/services/queue/doubt.ts'
import { acceptanceOf, HOLDER, NOW, storeOptions } from '../../store/contract/samples.ts'
import { queueRig } from '../../support/queue-rig.ts'

test('of what was with workers when the process was killed that counts whose outcome was not stored', async () => {
  await using rig = await queueRig()
  const accepted = (name: string, leased: boolean) => {
    const acceptance = acceptanceOf({ to: [`${name}@one.example`], leased, dueAt: NOW + 1e9 })
    return { acceptance, id: acceptance.deliveries[0]?.id ?? ('' as DeliveryId) }
  }
  const [sending, stored, tried, gone] = [
    accepted('sending', false),
    accepted('stored', true),
    accepted('tried', false),
    { id: 'msg_000000000000.0' as DeliveryId },
  ]
  for (const { acceptance } of [sending, stored, tried]) await rig.store.queue.accept(acceptance)
  const delivered = { state: 'delivered', at: NOW } as const
  await rig.store.queue.settle(
    [{ deliveryId: stored.id, attempt: null, next: delivered, events: [] }],
    HOLDER,
  )
  const left: LeftOver[] = [sending, stored, gone].map(({ id }) => ({ deliveryId: id, attempts: 0 }))
  // Its attempt number three was stored as the last thing.
  left.push({ deliveryId: tried.id, attempts: 2 })

  const counted: unknown[] = []
  const told: unknown[] = []
  const { log, meter } = storeOptions()
  await tellAfterCrash({
    underWay: { left },
    contents: rig.store.messages,
    log: { ...log, warn: (_, facts) => told.push(facts) },
    meter: { ...meter, count: (...of) => counted.push(of) },
  })
  expect(counted).toEqual([['deliveries_possibly_doubled_total', 1, { cause: 'crash' }]])
  expect(told).toEqual([{ count: 1, deliveries: sending.id }])
})

test('nothing is said after an ordinary stop', async () => {
  await using rig = await queueRig()
  const { log, meter } = storeOptions()
  const fail = () => {
    throw new Error('said')
  }
  const parts = {
    contents: rig.store.messages,
    log: { ...log, warn: fail },
    meter: { ...meter, count: fail },
  }
  await tellAfterCrash({ ...parts, underWay: { left: [] } })
})
