import { expect, test } from 'bun:test'
import { MINUTE } from '../../../src/core/time.ts'
import { Estimator } from '../../../src/services/queue/estimate.ts'

test.each([
  [50, '<200ms'],
  [199, '<200ms'],
  [200, '<1s'],
  [1000, '<5s'],
  [5000, '<1m'],
  [60_000, '<1h'],
  [10_000_000, '<1h'],
] as const)('deliveries that took %i ms are announced as %s', (took, word) => {
  const estimator = new Estimator()
  for (let i = 0; i < 20; i++) estimator.record('example.net', 1000, took)
  expect(estimator.estimate('example.net', 1001, 0)).toBe(word)
})

test('the slowest twentieth does not set the word', () => {
  const estimator = new Estimator()
  for (let i = 0; i < 100; i++) estimator.record('example.net', 1000, i < 95 ? 10 : 30_000)
  expect(estimator.estimate('example.net', 1001, 0)).toBe('<200ms')
})

test('without a figure of the last minutes the queue speaks', () => {
  const estimator = new Estimator()
  expect(estimator.estimate('example.net', 0, 0)).toBe('<1s')
  expect(estimator.estimate('example.net', 0, 200)).toBe('<5s')
  expect(estimator.estimate('example.net', 0, 1_000_000)).toBe('<1h')
  estimator.record('example.net', 0, 10)
  expect(estimator.estimate('example.net', 6 * MINUTE, 200)).toBe('<5s')
})
