//
// Warm-up in the queue: over a real store, with providers that are no lab's.

import { expect, test } from 'bun:test'
import { DAY, MINUTE } from '../../../src/core/time.ts'
import { NOW } from '../../store/contract/samples.ts'
import { type QueueRig, queueRig } from '../../support/queue-rig.ts'
import { until } from '../../support/until.ts'

const MARKETING = { message: { stream: 'marketing' } } as const
const several = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, i) => `r${from + i}@one.example`)

/** Answers until so many have been sent in all. */
async function delivered(rig: QueueRig, mails: number): Promise<void> {
  await until(`${mails} were sent`, async () => {
    rig.answerAll()
    await rig.advance(500)
    return rig.sent.length >= mails && rig.orders.length === 0
  })
}

const dueTomorrow = async (rig: QueueRig): Promise<void> =>
  until('the rest is due tomorrow', async () => {
    const next = await rig.store.queue.nextDueAt()
    return next !== null && next > rig.clock.now() + MINUTE
  })

test('a cold address sends its budget, the rest waits untried, and the next day brings half as much again', async () => {
  await using rig = await queueRig({}, { warmsUp: true })
  await rig.accept({ ...MARKETING, to: several(120) })
  await delivered(rig, 50)
  await dueTomorrow(rig)
  expect(await rig.waiting()).toBe(70)

  await rig.accept({ to: ['ann@one.example'] })
  await delivered(rig, 51)
  await rig.accept({ ...MARKETING, to: ['bob@two.example'] })
  await delivered(rig, 52)

  const untilMidnight = DAY - (NOW % DAY)
  for (let passed = 0; passed < untilMidnight + 40 * MINUTE; passed += MINUTE / 4)
    await rig.advance(MINUTE / 4)
  await delivered(rig, 52 + 70)
  expect(rig.sent).toHaveLength(122)
})

test('a million waiting rows of an exhausted provider are not asked for again and again', async () => {
  await using rig = await queueRig({}, { warmsUp: true })
  await rig.accept({ ...MARKETING, to: several(60) })
  await delivered(rig, 50)
  await dueTomorrow(rig)
  expect([...rig.departures.ledger.exhausted()]).toEqual(['one.example'])
  const retry = async (): Promise<void> => {
    await rig.store.queue.command('retry', {}, rig.clock.now())
    rig.queue.wake()
  }
  // Once, because the store does not know yet whose mail that is.
  await retry()
  await dueTomorrow(rig)
  await retry()
  await rig.accept({ to: ['ann@two.example'] })
  await delivered(rig, 51)
  expect(await rig.store.queue.nextDueAt()).toBeLessThanOrEqual(rig.clock.now())
  expect(await rig.waiting()).toBe(10)
})

test('mail that was given back has given back its place', async () => {
  await using rig = await queueRig({}, { warmsUp: true })
  await rig.accept({ ...MARKETING, to: several(40) })
  const standing = () => rig.departures.ledger.of(rig.departures.sources.sources[0] ?? never())[0]
  await until('all have their place', () => standing()?.underWay === 40)
  const [order] = rig.orders
  if (!order) throw new Error('nothing was sent')
  const reply = { code: 451, enhanced: null, text: '4.7.0 Greylisted, try again later' }
  rig.answer(order, { kind: 'deferred', cause: { kind: 'reply', stage: 'RCPT', reply } })
  expect(standing()).toMatchObject({ underWay: 39, warmth: { sent: 0, deferred: 0 } })
})

const never = (): never => {
  throw new Error('no source')
}
