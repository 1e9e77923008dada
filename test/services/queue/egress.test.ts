import { expect, test } from 'bun:test'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { Egress } from '../../../src/services/queue/egress.ts'

type Step = readonly [at: number, what: string]

/** `-a` is a connection that failed at provider a, `+a` one that did not. */
function after(...steps: readonly Step[]): boolean {
  const egress = new Egress()
  for (const [at, what] of steps) {
    if (what.startsWith('+')) egress.reached(at)
    else egress.failed(what, at)
  }
  return egress.isClosed
}

const FOUR: readonly Step[] = ['-a', '-b', '-c', '-d'].map((each) => [0, each])

test.each<[string, readonly Step[], boolean]>([
  ['four providers', FOUR, false],
  ['five', [...FOUR, [1, '-e']], true],
  ['one of them twice', [...FOUR, [1, '-a']], false],
  ['the fifth just in time', [...FOUR, [10 * MINUTE - 1, '-e']], true],
  ['the fifth too late', [...FOUR, [10 * MINUTE, '-e']], false],
  ['one that answers between', [...FOUR, [1, '+a'], [2, '-e']], false],
  ['one that answered less than ten minutes before', [[-10 * MINUTE + 1, '+x'], ...FOUR, [0, '-e']], false],
  ['one that answered longer ago', [[-10 * MINUTE, '+x'], ...FOUR, [0, '-e']], true],
  ['one that answers after it', [...FOUR, [0, '-e'], [1, '+a']], false],
])('%s', (_what, steps, want) => expect(after(...steps)).toBe(want))

test('each change is told once', () => {
  const egress = new Egress()
  const told = ['-a', '-b', '-c', '-d', '-e', '-f'].map((each) => egress.failed(each, 0))
  expect(told).toEqual([false, false, false, false, true, false])
  expect([egress.reached(1), egress.reached(2)]).toEqual([true, false])
})

test('while it is closed one message a minute tries', () => {
  const egress = new Egress()
  expect(egress.takesProbe(0)).toBe(false)
  for (const each of ['-a', '-b', '-c', '-d', '-e']) egress.failed(each, 0)
  const tries = [
    0,
    MINUTE - 1,
    MINUTE,
    MINUTE + 1,
    2 * MINUTE - 1,
    2 * MINUTE,
    20 * MINUTE,
    20 * MINUTE + SECOND,
  ]
  expect(tries.filter((now) => egress.takesProbe(now))).toEqual([MINUTE, 2 * MINUTE, 20 * MINUTE])
})
