import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeliveryId } from '../src/core/ids.ts'
import { openUnderWay } from '../src/under-way.ts'
import { storeOptions } from './store/contract/samples.ts'
import { until } from './support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-under-way-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const { log } = storeOptions()
const id = (number: number) => `msg_${number.toString(36).padStart(12, '0')}.${number}` as DeliveryId
const order = (number: number, attempts = 0) => ({ deliveryId: id(number), attempts })
let files = 0
const fresh = () => join(folder, `book-${++files}`)

/** What another process would find. */
async function found(path: string, places: number) {
  const { readFileSync } = await import('node:fs')
  await until('it is written', () => readFileSync(path, 'latin1').split('\n').length > places)
  const next = openUnderWay(path, log)
  next.close()
  return next.left
}

test('what began and did not end is found by the next process, with the attempts that were stored', async () => {
  const path = fresh()
  const book = openUnderWay(path, log)
  expect(book.left).toEqual([])
  for (let i = 1; i <= 200; i++) book.began(order(i, i % 7))
  expect(await found(path, 200)).toEqual(Array.from({ length: 200 }, (_, i) => order(i + 1, (i + 1) % 7)))
  book.close()
})

test('what began is in the file before anything else of this process has its turn', async () => {
  const path = fresh()
  const book = openUnderWay(path, log)
  book.began(order(7))
  await Promise.resolve()
  const next = openUnderWay(path, log)
  expect(next.left).toEqual([order(7)])
  next.close()
  book.close()
})

test('a place is used again, so the file is no larger than what was under way at once', async () => {
  const path = fresh()
  const book = openUnderWay(path, log)
  const first = book.began(order(1))
  book.began(order(2))
  for (let i = 3; i < 50; i++) {
    book.ended(first)
    expect(book.began(order(i))).toBe(first)
  }
  await until('the last one is written', async () => (await Bun.file(path).text()).includes(id(49)))
  expect(await found(path, 2)).toEqual([order(49), order(2)])
  book.close()
})

test('a file that a power cut left behind is read as far as it makes sense', () => {
  const path = fresh()
  writeFileSync(path, `${id(1)} 0\n\0\0\0\0\nmsg_short 1\n${id(2)} x\n${id(3)} 12   \nmsg_00000000`)
  const book = openUnderWay(path, log)
  expect(book.left).toEqual([order(1), order(3, 12)])
  book.close()
})
