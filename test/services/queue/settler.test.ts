//
// The settler against what a store can answer: taken, refused for now, and refused for good because of one settlement.

import { expect, test } from 'bun:test'
import type { DeliveryId } from '../../../src/core/ids.ts'
import { ok } from '../../../src/core/result.ts'
import { Settler } from '../../../src/services/queue/settler.ts'
import type { QueueStore, Settlement } from '../../../src/store/store.ts'
import { noMeter, quietLog } from '../../edge/smtpd/agent.ts'
import { handClock } from '../../support/clock.ts'

const settlement = (name: string): Settlement => ({
  deliveryId: name as DeliveryId,
  attempt: null,
  next: { state: 'held' },
  events: [],
})

function rig(
  settle: (names: readonly string[]) => Awaited<ReturnType<QueueStore['settle']>>,
  looks: (settlements: readonly Settlement[]) => void = () => undefined,
) {
  const taken: string[] = []
  const lines: string[] = []
  const settler = new Settler({
    store: {
      settle: async (settlements) => {
        looks(settlements)
        const names = settlements.map(({ deliveryId }) => String(deliveryId))
        const answer = settle(names)
        if (answer.ok) taken.push(...names)
        return answer
      },
    },
    holder: { node: '0', boot: 'b' },
    clock: handClock(),
    log: { ...quietLog, error: (what, fields) => lines.push(`${what} ${fields?.['delivery'] ?? ''}`) },
    meter: noMeter,
    onDeferred: () => undefined,
    onRecovered: () => {},
  })
  return { settler, taken, lines }
}

test('one outcome that the store cannot read does not keep the others from being stored', async () => {
  const { settler, taken, lines } = rig((names) => {
    if (names.includes('poison')) throw new Error('a bug')
    return ok({ settled: names.length, stale: 0 })
  })
  for (const name of ['a', 'poison', 'b', 'c']) settler.add(settlement(name))
  await settler.flush(1000)
  expect(taken).toEqual(['a', 'b', 'c'])
  expect(lines).toEqual([
    'an outcome was refused by the store; its delivery comes back with the next start poison',
  ])
  settler.add(settlement('d'))
  await settler.flush(1000)
  expect(taken.at(-1)).toBe('d')
  expect(settler.stuck).toBe(false)
})

test('an outcome whose evidence the store cannot read is stored without it', async () => {
  const bare: Settlement[] = []
  const { settler, lines } = rig(
    () => ok({ settled: 1, stale: 0 }),
    (settlements) => {
      if (settlements.some(({ events }) => events.length > 0)) throw new Error('a bug')
      bare.push(...settlements)
    },
  )
  const at = 1_700_000_000_000
  const events = [{ type: 'email.queued' } as Settlement['events'][number]]
  settler.add({ deliveryId: 'a' as DeliveryId, attempt: null, next: { state: 'delivered', at }, events })
  await settler.flush(1000)
  expect(bare as unknown[]).toEqual([
    { deliveryId: 'a', attempt: null, next: { state: 'delivered', at }, events: [] },
  ])
  expect(lines).toEqual(['an outcome was refused by the store; it is stored without evidence and events a'])
})

test('a due time that was reckoned of a clock with fractions is a whole number for the store', async () => {
  const due: number[] = []
  const { settler } = rig(
    () => ok({ settled: 1, stale: 0 }),
    (settlements) => {
      for (const { next } of settlements) if (next.state === 'queued') due.push(next.dueAt)
    },
  )
  settler.add({
    deliveryId: 'a' as DeliveryId,
    attempt: null,
    next: { state: 'queued', dueAt: 10.25 },
    events: [],
  })
  await settler.flush(1000)
  expect(due).toEqual([11])
})
