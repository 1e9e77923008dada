import { expect, test } from 'bun:test'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { Endpoints } from '../../../src/services/posting/endpoints.ts'

const URL = 'https://a.example/'

test('one post until it answered, then two', () => {
  const endpoints = new Endpoints(2)
  endpoints.begin(URL)
  expect(endpoints.mayBegin(URL, 0)).toBe(false)
  endpoints.end(URL, true, 0)
  endpoints.begin(URL)
  expect(endpoints.mayBegin(URL, 0)).toBe(true)
  endpoints.begin(URL)
  expect(endpoints.mayBegin(URL, 0)).toBe(false)
})

test('who fails rests, longer and longer, until it answers', () => {
  const endpoints = new Endpoints(2)
  let now = 0
  const rests: number[] = []
  for (let at = 0; at < 5; at++) {
    endpoints.begin(URL)
    endpoints.end(URL, false, now)
    expect(endpoints.mayBegin(URL, now)).toBe(false)
    const end = endpoints.nextEndOfRest(now) ?? 0
    rests.push(end - now)
    now = end
    expect(endpoints.mayBegin(URL, now)).toBe(true)
  }
  expect(rests).toEqual([5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 5 * MINUTE])
  endpoints.begin(URL)
  endpoints.end(URL, true, now)
  expect([endpoints.mayBegin(URL, now), endpoints.nextEndOfRest(now)]).toEqual([true, null])
})

test('what was under way together fails once', () => {
  const endpoints = new Endpoints(32)
  endpoints.begin(URL)
  endpoints.end(URL, true, 0)
  for (let at = 0; at < 32; at++) endpoints.begin(URL)
  for (let at = 0; at < 32; at++) endpoints.end(URL, false, 100 + at)
  expect(endpoints.nextEndOfRest(200)).toBe(100 + 5 * SECOND)
  const now = 100 + 5 * SECOND
  endpoints.begin(URL)
  endpoints.end(URL, false, now)
  expect(endpoints.nextEndOfRest(now)).toBe(now + 15 * SECOND)
  expect(endpoints.failing).toBe(0)
})

test('a wish of one of them holds for all', () => {
  const endpoints = new Endpoints(2)
  endpoints.begin(URL)
  endpoints.end(URL, true, 0)
  for (let at = 0; at < 2; at++) endpoints.begin(URL)
  endpoints.end(URL, false, 0)
  endpoints.end(URL, false, 1, MINUTE)
  expect(endpoints.nextEndOfRest(1)).toBe(1 + MINUTE)
})

test('those that failed never have all places, and the count of theirs comes back to nothing', () => {
  const endpoints = new Endpoints(2)
  const url = (at: number): string => `https://${at}.example/`
  for (let at = 0; at < 400; at++) {
    endpoints.begin(url(at))
    endpoints.end(url(at), false, 0)
  }
  const allowed = Array.from({ length: 400 }, (_, at) => url(at)).filter((one) => {
    const may = endpoints.mayBegin(one, MINUTE)
    if (may) endpoints.begin(one)
    return may
  })
  expect(allowed).toHaveLength(300)
  expect(endpoints.mayBegin(URL, MINUTE)).toBe(true)
  for (const [at, one] of allowed.entries()) endpoints.end(one, [true, false, null][at % 3] ?? null, MINUTE)
  expect(endpoints.failing).toBe(0)
})

test('a post that was called off teaches nothing', () => {
  const endpoints = new Endpoints(2)
  endpoints.begin(URL)
  endpoints.end(URL, null, 0)
  expect([endpoints.mayBegin(URL, 0), endpoints.nextEndOfRest(0)]).toEqual([true, null])
})
