import { expect, test } from 'bun:test'
import { systemClock } from '../../src/ops/clock.ts'
import { systemDice } from '../../src/ops/dice.ts'
import { handClock } from '../support/clock.ts'

test('the clock of the host runs on and calls once', async () => {
  const clock = systemClock()
  const before = clock.monotonic()
  await new Promise<void>((done) => clock.after(0, done))
  expect(clock.monotonic()).toBeGreaterThanOrEqual(before)
  expect(clock.now()).toBeGreaterThan(Date.UTC(2026, 0, 1))
})

test('a cancelled wait calls nobody', async () => {
  const clock = systemClock()
  let called = false
  clock.after(0, () => {
    called = true
  })()
  await new Promise<void>((done) => clock.after(5, done))
  expect(called).toBe(false)
})

test('dice are in [0, 1)', () => {
  const dice = systemDice()
  for (let i = 0; i < 100; i++) expect(dice()).toSatisfy((it) => it >= 0 && it < 1)
})

test('the hand-moved clock calls in order, at the right time, also what is set up on the way', () => {
  const clock = handClock(0)
  const seen: string[] = []
  const note = (name: string) => () => void seen.push(`${name}@${clock.monotonic()}`)
  clock.after(30, note('c'))
  clock.after(10, () => {
    note('a')()
    clock.after(10, note('b'))
  })
  clock.after(15, note('never'))()
  clock.advance(25)
  expect(seen).toEqual(['a@10', 'b@20'])
  expect(clock.waits).toBe(1)
  clock.jump(1000)
  clock.advance(5)
  expect(seen).toEqual(['a@10', 'b@20', 'c@30'])
  expect([clock.now(), clock.monotonic()]).toEqual([1030, 30])
})

test.if(process.platform === 'linux')('the uptime of this boot goes on', () => {
  const clock = systemClock()
  const first = clock.uptime?.()
  const second = clock.uptime?.()
  expect(first?.boot).toMatch(/^[0-9a-f-]{36}$/)
  expect(second?.boot).toBe(first?.boot)
  expect(second?.uptime).toBeGreaterThanOrEqual(first?.uptime ?? Number.POSITIVE_INFINITY)
})
