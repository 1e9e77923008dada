import { expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import { SLICE, Turns } from '../../../src/edge/api/turns.ts'
import { handClock } from '../../support/clock.ts'

const A = 'acc_000000000001' as AccountId
const B = 'acc_000000000002' as AccountId
const macrotask = () => new Promise((done) => setTimeout(done, 1))

test('accounts take turns, however many batches one has', async () => {
  const turns = new Turns(handClock())
  const order: string[] = []
  const batch = async (name: string, account: AccountId) => {
    for (let slice = 0; slice < 3; slice++) {
      await turns.next(account, SLICE)
      order.push(name)
    }
  }
  await Promise.all([batch('a1', A), batch('a2', A), batch('a3', A), batch('b', B)])
  expect(order.indexOf('b')).toBe(1)
  expect(order.lastIndexOf('b')).toBeLessThanOrEqual(5)
  expect(order).toHaveLength(12)
})

test('after a long slice others have the thread for as long', async () => {
  const clock = handClock()
  const turns = new Turns(clock)
  let isBack = false
  const back = turns.next(A, 60).then(() => {
    isBack = true
  })
  await macrotask()
  clock.advance(54)
  await macrotask()
  expect(isBack).toBe(false)
  clock.advance(1)
  await back
  // What is short waits for nobody's clock.
  await turns.next(A, SLICE)
})
