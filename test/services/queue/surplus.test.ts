import { expect, test } from 'bun:test'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { Surplus } from '../../../src/services/queue/surplus.ts'

const MX = 'mx.example.net:25'
const [ONE, TWO, THREE] = [1, 2, 3]

test('a slot that is lost twice running, while others deliver, is one too many', () => {
  const surplus = new Surplus()
  expect([surplus.lost(ONE, MX, 0), surplus.lost(TWO, MX, 0)]).toEqual([false, false])
  surplus.delivered(THREE, MX)
  expect([surplus.lost(ONE, MX, 1), surplus.lost(TWO, MX, 1)]).toEqual([true, true])
})

test.each([
  ['delivered itself in between', (surplus: Surplus) => surplus.delivered(ONE, MX), MX, 1],
  ['was lost while nobody delivered', () => undefined, MX, 1],
  [
    'was lost while others delivered elsewhere',
    (surplus: Surplus) => surplus.delivered(TWO, 'mx2.example.net:25'),
    MX,
    1,
  ],
  ['was lost elsewhere', (surplus: Surplus) => surplus.delivered(TWO, MX), 'mx2.example.net:25', 1],
  ['was lost long ago', (surplus: Surplus) => surplus.delivered(TWO, MX), MX, MINUTE],
] as const)('one that %s is none', (_, meanwhile, routeKey, later) => {
  const surplus = new Surplus()
  surplus.lost(ONE, MX, 0)
  meanwhile(surplus)
  expect(surplus.lost(ONE, routeKey, later)).toBe(false)
})

test('one that was lost rests until others have delivered there, and no longer than a second', () => {
  const surplus = new Surplus()
  surplus.lost(ONE, MX, 0)
  expect([surplus.rests(ONE, 0), surplus.rests(TWO, 0), surplus.rests(ONE, SECOND)]).toEqual([
    true,
    false,
    false,
  ])
  surplus.delivered(TWO, 'mx2.example.net:25')
  expect(surplus.rests(ONE, 0)).toBe(true)
  surplus.delivered(TWO, MX)
  expect(surplus.rests(ONE, 0)).toBe(false)
})

test('slots that never come back are not kept for ever', () => {
  const surplus = new Surplus()
  surplus.lost(ONE, MX, 0)
  for (let slot = 10; slot < 200; slot++) surplus.lost(slot, MX, 0)
  surplus.delivered(TWO, MX)
  expect(surplus.lost(ONE, MX, 0)).toBe(false)
})
