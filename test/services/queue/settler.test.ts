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

function rig(settle: (names: readonly string[]) => Awaited<ReturnType<QueueStore['settle']>>) {
  const taken: string[] = []
  const lines: string[] = []
  const settler = new Settler({
    store: {
      settle: async (settlements) => {
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
