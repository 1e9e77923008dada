import { afterEach, expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { SECOND } from '../../../src/core/time.ts'
import type { CountedStep } from '../../../src/services/stats/counting.ts'
import { type RolledUp, RollUp } from '../../../src/services/stats/roll-up.ts'
import { LOG_START, type LogCursor } from '../../../src/store/log-store.ts'
import { ACCOUNT, NOW, storeOptions } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

type Turn = CountedStep | 'fault'

const done = (more: boolean, lastAt = NOW): CountedStep => ({
  kind: 'done',
  to: 'b' as LogCursor,
  lastAt,
  more,
  accounts: new Set<AccountId>([ACCOUNT]),
})
const END: CountedStep = { kind: 'end' }

let rollUp: RollUp | null = null
afterEach(() => rollUp?.stop())

/** What each step is asked from; `took` milliseconds pass in it. */
function begin(turns: readonly Turn[], took = 0) {
  const clock = handClock(NOW)
  const { log: say, meter } = storeOptions()
  const gauges: [string, number][] = []
  const from: LogCursor[] = []
  const heard: RolledUp[] = []
  const left = [...turns]
  rollUp = new RollUp({
    log: { cursor: async () => 'stored' as LogCursor },
    counting: {
      step: async (place) => {
        from.push(place)
        if (took > 0) clock.advance(took)
        const turn = left.shift() ?? END
        return turn === 'fault' ? fault('unavailable' as const) : ok(turn)
      },
    },
    clock,
    say,
    meter: { ...meter, gauge: (name, value) => void gauges.push([name, value]) },
    counted: async (one) => void heard.push(one),
  })
  rollUp.start()
  return { clock, from, gauges, heard }
}

test('a turn every three seconds, from the place it has come to', async () => {
  const rig = begin([done(false), END])
  await until('the first is over', () => rig.heard.length === 1)
  rig.clock.advance(2_999)
  await Bun.sleep(1)
  expect(rig.from).toEqual(['stored' as LogCursor])
  rig.clock.advance(1)
  await until('the second is over', () => rig.heard.length === 2)
  expect(rig.from).toEqual(['stored', 'b'] as LogCursor[])
  expect(rig.heard.map(({ upTo }) => upTo)).toEqual([NOW, NOW + 3_000])
})

test('a backlog has a quarter of the time, and nobody is told that all is counted', async () => {
  const rig = begin([done(true, NOW - 60 * SECOND), done(true), done(false)], 100)
  await until('the first is over', () => rig.heard.length === 1)
  expect(rig.gauges).toContainEqual(['follower_behind_seconds', 60])
  expect(rig.heard[0]).toEqual({ accounts: new Set([ACCOUNT]), upTo: null })
  rig.clock.advance(299)
  await Bun.sleep(1)
  expect(rig.from).toHaveLength(1)
  rig.clock.advance(1)
  await until('the second is over', () => rig.heard.length === 2)
})

test.each<readonly [string, Turn]>([
  ['after a fault', 'fault'],
  ['when another node was quicker', { kind: 'overtaken' }],
])('%s the place is read again', async (_, first) => {
  const rig = begin([done(false), first, done(false)])
  await until('the first is over', () => rig.heard.length === 1)
  await until('the third is over', () => {
    rig.clock.advance(3 * SECOND)
    return rig.heard.length >= 2
  })
  expect(rig.from.slice(0, 3)).toEqual(['stored', 'b', 'stored'] as LogCursor[])
  expect(rig.from).not.toContain(LOG_START)
})
