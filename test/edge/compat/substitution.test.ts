import { expect, test } from 'bun:test'
import { freshBudget, LONGEST_NAME, MOST_NAMES, putter } from '../../../src/edge/compat/substitution.ts'

const put = (text: string, values: Readonly<Record<string, string>>, left = 1000) =>
  putter(new Map(Object.entries(values)), { left, work: 1e9 })(text)

test.each([
  ['no name', 'a-b', {}, 'a-b'],
  ['the longest name first', '-a-b-', { '-a': '1', '-a-b-': '2' }, '2'],
  ['patterns are letters', 'a.c abc $&', { 'a.c': '$1 $&' }, '$1 $& abc $&'],
  ['what was put in is not looked at', '-a-', { '-a-': '-b-', '-b-': 'x' }, '-b-'],
  ['beyond the first plane', '😀-n-😀', { '-n-': 'é' }, '😀é😀'],
])('%s', (_, text, values, wanted) => {
  expect(put(text, values)).toBe(wanted)
})

test('all together stays within the budget', () => {
  const values = new Map([['a', 'x'.repeat(100)]])
  expect(putter(values, { left: 1000, work: 1e9 })('a'.repeat(10))).toHaveLength(1000)
  expect(putter(values, { left: 999, work: 1e9 })('a'.repeat(10))).toBeNull()
  const budget = { left: 1000, work: 1e9 }
  const one = putter(values, budget)
  expect([one('aaaaa'), one('aaaaa'), one('b')].map((text) => text?.length ?? null)).toEqual([500, 500, null])
  const start = performance.now()
  expect(putter(new Map([['a', 'x'.repeat(1e6)]]), freshBudget())('a'.repeat(1e6))).toBeNull()
  expect(performance.now() - start).toBeLessThan(1000)
})

test('text that is made for it costs a bounded time, over all messages of a request', () => {
  const budget = freshBudget()
  const names = Array.from(
    { length: MOST_NAMES },
    (_, place) => [`${'-'.repeat(LONGEST_NAME - 10)}${place}`, 'x'] as const,
  )
  const one = putter(new Map(names), budget)
  const start = performance.now()
  let ends = 0
  for (let message = 0; message < 500; message += 1) ends += one('-'.repeat(100_000)) === null ? 1 : 0
  expect(ends).toBeGreaterThan(400)
  expect(performance.now() - start).toBeLessThan(5000)
})
