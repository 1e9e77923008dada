import { describe, expect, test } from 'bun:test'
import { findings, type Level, levelOf } from '../../../src/services/feedback/judge.ts'

describe('complaints, of what was delivered to providers that report', () => {
  test.each<readonly [complained: number, delivered: number, level: Level]>([
    [0, 1_000, 'ok'],
    // Fewer than three are no rate.
    [2, 1_000, 'ok'],
    [2, 100, 'ok'],
    // Nor is it one of less than a thousand.
    [3, 999, 'ok'],
    [999, 999, 'ok'],
    [3, 1_000, 'paused'],
    [3, 1_001, 'warned'],
    [3, 3_000, 'warned'],
    [3, 3_001, 'ok'],
    [29, 10_000, 'warned'],
    [30, 10_000, 'paused'],
    [30, 10_001, 'warned'],
    [10, 10_000, 'warned'],
    [9, 10_000, 'ok'],
    [1_000, 1_000_000, 'warned'],
    [999, 1_000_000, 'ok'],
    [2_999, 1_000_000, 'warned'],
    [3_000, 1_000_000, 'paused'],
  ])('%p of %p: %p', (complained, delivered, level) => {
    const [one] = findings({ sent: 5_000_000, hardBounced: 0, delivered, complained })
    expect(one).toEqual({ of: 'complaints', level, count: complained, among: delivered })
  })
})

describe('hard bounces, of what has an answer', () => {
  test.each<readonly [hardBounced: number, sent: number, level: Level]>([
    [0, 200, 'ok'],
    [3, 200, 'ok'],
    [4, 200, 'warned'],
    [9, 200, 'warned'],
    [10, 200, 'paused'],
    // Less than two hundred say nothing.
    [199, 199, 'ok'],
    [10, 199, 'ok'],
    [4, 201, 'ok'],
    [10, 201, 'warned'],
    [1_999, 100_000, 'ok'],
    [2_000, 100_000, 'warned'],
    [4_999, 100_000, 'warned'],
    [5_000, 100_000, 'paused'],
  ])('%p of %p: %p', (hardBounced, sent, level) => {
    const [, one] = findings({ sent, hardBounced, delivered: 0, complained: 0 })
    expect(one).toEqual({ of: 'hard_bounces', level, count: hardBounced, among: sent })
  })
})

test('the worst of both counts', () => {
  const of = (complained: number, hardBounced: number) =>
    levelOf(findings({ sent: 1_000, hardBounced, delivered: 1_000, complained }))
  expect(of(0, 0)).toBe('ok')
  expect(of(0, 20)).toBe('warned')
  expect(of(3, 20)).toBe('paused')
  expect(of(0, 50)).toBe('paused')
  expect(of(2, 19)).toBe('ok')
})
