import { expect, test } from 'bun:test'
import { Connections } from '../../../src/services/queue/connections.ts'
import { type Lost, type Slot, Slots } from '../../../src/services/queue/slots.ts'

const AT = { now: 0, proven: true }
const NONE: Lost = { has: () => false, rests: () => false }

function slotsAtWork(count: number): {
  readonly slots: Slots
  choose(allowed: number, lost?: Lost): Slot | null
} {
  let id = 0
  const slots = new Slots(() => ++id, new Connections(100))
  const choose = (allowed: number, lost: Lost = NONE): Slot | null =>
    slots.choose({ allowed, proven: true, ahead: true, hasMailFor: () => true, lost })
  for (let i = 0; i < count; i++) {
    const slot = choose(count)
    if (slot !== null) slots.engage(slot, 'mx.example.net:25', AT)
  }
  // So fast that an order ahead is worth while.
  for (let i = 0; i < 60; i++) slots.done(0, 1, 0)
  return { slots, choose }
}

test('while more are at work than may be, none gets an order ahead: they become free, and close', () => {
  const { slots, choose } = slotsAtWork(5)
  expect(choose(5)?.outstanding).toBe(1)
  expect(choose(3)).toBeNull()
  const closed: number[] = []
  for (const id of [1, 2, 3]) slots.done(id, 1, 0)
  slots.shed(3, (slot) => closed.push(slot))
  expect(closed).toEqual([3, 2])
  expect(slots.busy).toBe(2)
})

test('a slot that was lost gets no order ahead', () => {
  const { choose } = slotsAtWork(1)
  expect(choose(1)?.id).toBe(1)
  expect(choose(1, { ...NONE, has: () => true })).toBeNull()
})

test('a slot that rests keeps its place, and nothing goes to it, until nobody else is at work', () => {
  const { slots, choose } = slotsAtWork(3)
  const lost: Lost = { has: (id) => id === 3, rests: (id) => id === 3 }
  slots.done(3, 1, 0)
  expect(slots.resting(lost)).toBe(1)
  expect(choose(3)?.id).toBe(3)
  expect(choose(3, lost)?.id).toBe(1)
  slots.done(1, 1, 0)
  slots.done(2, 1, 0)
  expect(slots.resting(lost)).toBe(0)
  const chosen = new Set<number | undefined>()
  for (let i = 0; i < 3; i++) {
    const slot = choose(3, NONE)
    chosen.add(slot?.id)
    if (slot !== null) slots.engage(slot, 'mx.example.net:25', AT)
  }
  expect([...chosen].sort()).toEqual([1, 2, 3])
})
