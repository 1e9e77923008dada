import { expect, test } from 'bun:test'
import { putter } from '../../../src/edge/compat/substitution.ts'

const put = (text: string, values: Readonly<Record<string, string>>, left = 1000) =>
  putter(new Map(Object.entries(values)), { left })(text)

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
  expect(putter(values, { left: 1000 })('a'.repeat(10))).toHaveLength(1000)
  expect(putter(values, { left: 999 })('a'.repeat(10))).toBeNull()
  const budget = { left: 1000 }
  const one = putter(values, budget)
  expect([one('aaaaa'), one('aaaaa'), one('b')].map((text) => text?.length ?? null)).toEqual([500, 500, null])
  const start = performance.now()
  expect(putter(new Map([['a', 'x'.repeat(1e6)]]), { left: 50e6 })('a'.repeat(1e6))).toBeNull()
  expect(performance.now() - start).toBeLessThan(1000)
})
