import { expect, test } from 'bun:test'
import { BodyRoom } from '../../../src/edge/api/body-room.ts'
import { startLab } from '../../support/appliance.ts'

const MB = 1_000_000

const post = (octets: number | null): Request =>
  new Request('http://x.test/v1/email/send', {
    method: 'POST',
    ...(octets === null ? {} : { headers: { 'content-length': String(octets) } }),
  })

test('large bodies have room together, small ones always', () => {
  const room = new BodyRoom(() => 25 * MB, 60 * MB)
  const [first, second, unannounced] = [post(25 * MB), post(25 * MB), post(null)]
  expect([first, second, unannounced].map((each) => room.enter(each))).toEqual([true, true, false])
  expect(room.enter(post(64 * 1024))).toBe(true)
  // Refused unread, in the words for its size.
  expect(room.enter(post(26 * MB))).toBe(true)
  room.leave(unannounced)
  room.leave(first)
  room.leave(first)
  expect(room.enter(unannounced)).toBe(true)
  expect(room.enter(post(25 * MB))).toBe(false)
})

test('a burst of large bodies is answered, what has no room with 503, and the room comes back', async () => {
  await using lab = await startLab()
  const letter = { to: 'delivered@sandbox.mailwok.test', text: 'x'.repeat(20 * MB) }
  const answers = await Promise.all(Array.from({ length: 12 }, () => lab.send(letter)))
  for (const { status, headers, body } of answers) {
    if (status === 200) continue
    expect([status, body.error.code]).toEqual([503, 'storage_busy'])
    expect(headers.get('retry-after')).toBe('1')
  }
  // Four at a time: refused for what is wrong with them, not for room.
  for (let round = 0; round < 3; round++) {
    const wrong = await Promise.all(Array.from({ length: 4 }, () => lab.send({ ...letter, to: 'nobody' })))
    expect(wrong.map(({ status }) => status)).toEqual([422, 422, 422, 422])
  }
}, 30_000)
