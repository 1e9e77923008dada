import { expect, test } from 'bun:test'
import { OneByOne } from '../../../src/services/inbound/one-by-one.ts'

const MB = 1024 * 1024

test('one after the other, in their order, whatever becomes of them', async () => {
  const line = new OneByOne()
  const told: string[] = []
  const task =
    (name: string, fails = false) =>
    async () => {
      told.push(`${name} begins`)
      await Bun.sleep(1)
      told.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
  const ends = await Promise.allSettled([
    line.run(MB, task('one')),
    line.run(MB, task('two', true)),
    line.run(MB, task('three')),
  ])
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(told).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
})

test('what waits has a bound in octets, and room again when it was dealt with', async () => {
  const line = new OneByOne()
  const under = [line.run(40 * MB, async () => 1), line.run(20 * MB, async () => 2)]
  expect(line.run(10 * MB, async () => 3)).toBeNull()
  expect(await Promise.all(under)).toEqual([1, 2])
  expect(await line.run(10 * MB, async () => 3)).toBe(3)
})
