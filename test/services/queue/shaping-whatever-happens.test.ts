import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { HOUR, MINUTE } from '../../../src/core/time.ts'
import { type Bad, ShapingBench } from '../../support/shaping-bench.ts'

type Step = {
  readonly kind: 'delivered' | 'answered' | Bad
  readonly wait: number
  readonly dice: number
  readonly early: boolean
}
const KINDS = [
  'delivered',
  'answered',
  'slow-down',
  'too-many-connections',
  'blocked',
  'unreachable',
] as const
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    wait: fc.integer({ min: 0, max: 2 * HOUR }),
    dice: fc.double({ min: 0, max: 0.999, noNaN: true }),
    early: fc.boolean(),
  }),
  { maxLength: 200 },
)

function play(lane: ShapingBench, step: Step): void {
  lane.wait(step.wait)
  if (step.kind === 'delivered') lane.delivered()
  else if (step.kind === 'answered') lane.lane.answered(lane.now)
  else lane.pressed(step.kind, step)
}

describe('whatever happens', () => {
  test('the limits hold, and no pause is longer than an hour and its jitter', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (story, most) => {
        const lane = new ShapingBench({ start: Math.min(2, most), most })
        for (const step of story) {
          play(lane, step)
          expect(lane.connections).toBeGreaterThanOrEqual(0)
          expect(lane.connections).toBeLessThanOrEqual(most)
          if (lane.rate !== null) expect(lane.rate).toBeGreaterThanOrEqual(0.1)
          const until = lane.lane.pausedUntil(lane.now)
          if (until === null) expect(lane.connections).toBeGreaterThan(0)
          else expect(until - lane.now).toBeLessThanOrEqual(1.1 * HOUR)
        }
      }),
    )
  })

  test('a provider that takes mail again gets all of it: no state needs a hand', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const lane = new ShapingBench()
        for (const step of story) play(lane, step)
        for (let i = 0; i < 400; i++) {
          lane.wait(2 * MINUTE)
          if (lane.connections > 0) lane.delivered(lane.connections)
        }
        expect(lane.connections).toBeGreaterThanOrEqual(2)
        expect(lane.rate).toBeNull()
      }),
    )
  })
})
