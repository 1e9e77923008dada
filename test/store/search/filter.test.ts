import { expect, test } from 'bun:test'
import { filterOf, hashOf, mayHave } from '../../../src/store/search/filter.ts'

const hashes = (prefix: string, count: number): bigint[] =>
  Array.from({ length: count }, (_, at) => hashOf(`${prefix}${at}`))

test('what is in it is found, and of what is not, less than one of fifty', () => {
  for (const count of [0, 1, 50, 12_000]) {
    const members = hashes('in ', count)
    const filter = filterOf(new Set(members))
    expect(members.filter((hash) => !mayHave(filter, [hash]))).toEqual([])
    const strangers = hashes('out ', 5000).filter((hash) => mayHave(filter, [hash]))
    expect(strangers.length).toBeLessThan(100)
  }
})

test('all that is asked for must be in it', () => {
  const filter = filterOf(new Set(hashes('in ', 3)))
  expect(mayHave(filter, [])).toBe(true)
  expect(mayHave(filter, [hashOf('in 0'), hashOf('in 2')])).toBe(true)
  expect(mayHave(filter, [hashOf('in 0'), hashOf('nobody')])).toBe(false)
})

test('a hash is what its specification says, in every release', () => {
  expect(hashOf('')).toBe(0xef46db3751d8e999n)
  expect(hashOf('abc')).toBe(0x44bc2cf5ad770999n)
})
