import { expect, test } from 'bun:test'
import { Deadline } from '../../../src/net/smtp/deadline.ts'

/** Time moved by hand; `timers` counts how often one was set. */
function handClock() {
  let now = 0
  let pending: { at: number; then: () => void } | null = null
  let timers = 0
  return {
    clock: {
      monotonic: () => now,
      after(wait: number, then: () => void) {
        const timer = { at: now + wait, then }
        pending = timer
        timers += 1
        return () => {
          if (pending === timer) pending = null
        }
      },
    },
    get timers() {
      return timers
    },
    move(by: number) {
      const end = now + by
      while (pending !== null && pending.at <= end) {
        const { at, then } = pending
        now = at
        pending = null
        then()
      }
      now = end
    },
  }
}

test('moves often, rings once, at the last word', () => {
  const hand = handClock()
  let rung = 0
  const deadline = new Deadline(hand.clock, () => rung++)
  for (let n = 0; n < 50; n++) {
    deadline.set(1000)
    hand.move(10)
  }
  expect(hand.timers).toBe(1)
  hand.move(980)
  expect(rung).toBe(0)
  hand.move(20)
  expect(rung).toBe(1)
  hand.move(5000)
  expect(rung).toBe(1)
})

test('a nearer deadline replaces a farther one', () => {
  const hand = handClock()
  let rung = 0
  const deadline = new Deadline(hand.clock, () => rung++)
  deadline.set(1000)
  deadline.set(10)
  hand.move(11)
  expect(rung).toBe(1)
})

test('cleared is cleared', () => {
  const hand = handClock()
  let rung = 0
  const deadline = new Deadline(hand.clock, () => rung++)
  deadline.set(10)
  deadline.clear()
  hand.move(100)
  expect(rung).toBe(0)
})
