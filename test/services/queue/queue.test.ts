//
// The queue as a whole over a real store: what its parts promise each other where no end-to-end test reaches.

import { expect, test } from 'bun:test'
import type { AttemptOutcome } from '../../../src/core/outcome.ts'
import { queueRig } from '../../support/queue-rig.ts'
import { until } from '../../support/until.ts'

const SECOND = 1000
const LATER: AttemptOutcome = {
  kind: 'deferred',
  cause: { kind: 'reply', stage: 'RCPT', reply: { code: 450, enhanced: null, text: 'later' } },
}

test('what is accepted is handed over without being read back, and its outcome is in the store', async () => {
  await using rig = await queueRig()
  expect(await rig.accept({ to: ['a@one.example'] })).toBe('leased')
  await until('it is with a worker', () => rig.orders.length === 1)
  expect(await rig.states()).toEqual({ 'a@one.example': 'queued' })
  rig.answerAll()
  await until('it is settled', async () => (await rig.states())['a@one.example'] === 'delivered')
  expect(rig.queue.status()).toMatchObject({ inHand: 0, memoryOctets: 0 })
})

test('after a pause longer than the lease what no worker had is not sent from memory, and not lost either', async () => {
  await using rig = await queueRig({ laneConnections: 1 })
  for (const name of ['one', 'two', 'three']) await rig.accept({ to: [`${name}@a.example`] })
  const release = rig.hold('slow.example')
  await rig.accept({ to: ['four@slow.example'] })
  await until('the first is with a worker', () => rig.orders.length === 1)

  rig.clock.pause(70 * SECOND)
  const stale = rig.orders.length
  expect(rig.queue.status().sending).toBe(false)
  release()
  await rig.advance(0)
  await until('the lease holds again', () => rig.queue.status().sending)
  expect(rig.orders).toHaveLength(stale)
  // Nobody else took them meanwhile: they come back by way of the store.
  await until('everything is delivered', async () => {
    await rig.advance(500)
    rig.answerAll()
    return Object.values(await rig.states()).every((state) => state === 'delivered')
  })
  expect(rig.sent.toSorted()).toEqual([
    'four@slow.example',
    'one@a.example',
    'three@a.example',
    'two@a.example',
  ])
})

test('a content that leaves memory while others of it come in is no damaged one', async () => {
  await using rig = await queueRig()
  await rig.accept({ to: ['one@a.example', 'two@b.example'] })
  await until('both are with workers', () => rig.orders.length === 2)
  const [first, second] = rig.orders
  if (!first || !second) throw new Error('two orders')
  rig.answer(first, LATER)
  await until('one waits', async () => (await rig.waiting()) === 1)
  let left = false
  rig.onRead = () => {
    if (left) return
    left = true
    rig.answer(second)
  }
  await until('the other left while it came in', async () => {
    await rig.advance(SECOND)
    return left
  })
  await until('it is with a worker again', () => rig.orders.length === 1)
  rig.answerAll()
  await until('both are delivered', async () =>
    Object.values(await rig.states()).every((state) => state === 'delivered'),
  )
})

test('a heartbeat that comes late but in time lets go on what waited for it', async () => {
  await using rig = await queueRig()
  const release = rig.hold('a.example')
  await rig.accept({ to: ['one@a.example'] })
  // Past the margin of the lease, before its end.
  rig.clock.pause(57 * SECOND)
  release()
  await until('it is with a worker', () => rig.orders.length === 1)
})

test.each(['full', 'busy', 'unavailable'] as const)(
  'while outcomes cannot be stored (%s) nothing new is sent; afterwards all of it goes on',
  async (fault) => {
    await using rig = await queueRig({ laneConnections: 1 })
    await rig.accept({ to: ['one@a.example'] })
    await until('it is with a worker', () => rig.orders.length === 1)
    rig.fault = fault
    rig.answerAll()
    await until('sending pauses', () => !rig.queue.status().sending)
    expect(await rig.accept({ to: ['two@a.example'] })).toBe('unleased')
    await rig.advance(5 * SECOND)
    expect(rig.sent).toEqual(['one@a.example'])
    expect(await rig.states()).toEqual({ 'one@a.example': 'queued', 'two@a.example': 'queued' })

    rig.fault = null
    await until('the rest is delivered', async () => {
      await rig.advance(SECOND)
      rig.answerAll()
      return Object.values(await rig.states()).every((state) => state === 'delivered')
    })
    expect(rig.sent).toEqual(['one@a.example', 'two@a.example'])
  },
)

test('what finds no room in memory is accepted unleased and claimed when there is room', async () => {
  await using rig = await queueRig({ memory: 60_000, laneConnections: 1 })
  const text = 'x'.repeat(25_000)
  // To a stranger less would be taken.
  await rig.accept({ to: ['first@a.example'] })
  await until('it is with a worker', () => rig.orders.length === 1)
  rig.answerAll()
  const ways: string[] = []
  for (let i = 0; i < 6; i++) ways.push(await rig.accept({ to: [`r${i}@a.example`], text }))
  expect(ways).toEqual(['leased', 'leased', 'unleased', 'unleased', 'unleased', 'unleased'])
  expect(rig.queue.status().memoryOctets).toBeLessThanOrEqual(60_000)
  await until('all are delivered', async () => {
    rig.answerAll()
    await rig.advance(500)
    expect(rig.queue.status().memoryOctets).toBeLessThanOrEqual(60_000)
    return Object.values(await rig.states()).every((state) => state === 'delivered')
  })
  expect(rig.sent.toSorted()).toEqual(
    ['first', 'r0', 'r1', 'r2', 'r3', 'r4', 'r5'].map((name) => `${name}@a.example`),
  )
  expect(rig.queue.status()).toMatchObject({ inHand: 0, memoryOctets: 0 })
})

test('a message larger than the whole room still leaves', async () => {
  await using rig = await queueRig({ memory: 10_000 })
  await rig.accept({ to: ['big@a.example'], text: 'x'.repeat(50_000) })
  await until('it is with a worker', () => rig.orders.length === 1)
})

test('a blocked destination does not keep others waiting', async () => {
  await using rig = await queueRig({ laneConnections: 1, laneWaiting: 3 })
  for (let i = 0; i < 20; i++) await rig.accept({ to: [`r${i}@blocked.example`] })
  for (let i = 0; i < 5; i++) await rig.accept({ to: [`r${i}@well.example`] })
  const well = () => rig.sent.filter((to) => to.endsWith('@well.example'))
  await until('the healthy ones are through', async () => {
    for (const order of [...rig.orders]) if (order.recipient.endsWith('@well.example')) rig.answer(order)
    await rig.advance(500)
    return well().length === 5
  })
  // One is with the worker and three wait for it; one more may have been on its way while the route was looked up.
  expect(rig.sent).toHaveLength(6)
  expect(await rig.waiting()).toBeGreaterThanOrEqual(14)
})

test('a lane takes turns between destinations that share it', async () => {
  await using rig = await queueRig({ laneConnections: 1 })
  for (let i = 0; i < 3; i++) await rig.accept({ to: [`a${i}@a.example`] })
  await rig.accept({ to: ['b@b.example'] })
  await until('both lanes work', () => rig.orders.length === 2)
  expect(rig.sent.toSorted()).toEqual(['a0@a.example', 'b@b.example'])
})

test('a stop gives back untried what no worker had begun', async () => {
  await using rig = await queueRig({ laneConnections: 1 })
  for (const name of ['one', 'two']) await rig.accept({ to: [`${name}@a.example`] })
  await until('the first is with a worker', () => rig.orders.length === 1)
  await rig.queue.stop()
  const overview = await rig.store.queue.overview(0)
  expect(overview).toMatchObject({ waiting: 2, leased: 0 })
})
