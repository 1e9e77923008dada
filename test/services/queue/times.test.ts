//
// What time does to what waits: clocks that are set, providers that take nothing, boots that were taken for dead.

import { expect, test } from 'bun:test'
import type { AttemptOutcome } from '../../../src/core/outcome.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { NOW } from '../../store/contract/samples.ts'
import { type QueueRig, queueRig } from '../../support/queue-rig.ts'
import { until } from '../../support/until.ts'

const LATER: AttemptOutcome = {
  kind: 'deferred',
  cause: { kind: 'reply', stage: 'RCPT', reply: { code: 450, enhanced: null, text: 'later' } },
}

/** Looks of the poller, by its own period, until `condition`. */
const within = (rig: QueueRig, what: string, condition: () => boolean | Promise<boolean>) =>
  until(what, async () => {
    await rig.advance(SECOND / 2)
    return condition()
  })

async function deferred(rig: QueueRig, expiresAt = NOW + 5 * DAY): Promise<void> {
  await rig.accept({ to: ['a@a.example'], message: { expiresAt } })
  await until('it is with a worker', () => rig.orders.length === 1)
  const [order] = rig.orders
  if (order) rig.answer(order, LATER)
  await until('it waits', async () => (await rig.waiting()) === 1)
}

test('a clock set back by a day delays nobody by a day', async () => {
  await using rig = await queueRig()
  await deferred(rig)
  await rig.advance(SECOND)
  rig.clock.jump(-DAY)
  await within(rig, 'the due time was brought forward', async () => {
    const due = await rig.store.queue.nextDueAt()
    return due !== null && due < rig.clock.now() + 2 * MINUTE
  })
  const due = (await rig.store.queue.nextDueAt()) ?? 0
  // Not at once either: what was left of its wait is left.
  expect(due - rig.clock.now()).toBeGreaterThan(30 * SECOND)
  await rig.advance(2 * MINUTE)
  await within(rig, 'it is tried again', () => rig.sent.length === 2)
})

test('a clock set ahead by a day expires nothing', async () => {
  await using rig = await queueRig()
  await deferred(rig, NOW + 12 * HOUR)
  rig.clock.jump(DAY)
  await within(rig, 'it is tried again', () => rig.sent.length === 2)
  rig.answerAll()
  await until('it is delivered', async () => (await rig.states())['a@a.example'] === 'delivered')
})

test('what waits for a provider that takes nothing ends when its time is over', async () => {
  await using rig = await queueRig({ laneConnections: 1, laneWaiting: 2 })
  // The lane is full with mail that has days; its worker says nothing.
  for (let i = 0; i < 6; i++) await rig.accept({ to: [`r${i}@a.example`] })
  await rig.accept({ to: ['code@a.example'], message: { expiresAt: NOW + 10 * MINUTE } })
  await within(rig, 'the lane is full', () => rig.orders.length === 1)
  for (let i = 0; i < 8; i++) await rig.advance(MINUTE)
  expect((await rig.states())['code@a.example']).toBe('queued')
  for (let i = 0; i < 4; i++) await rig.advance(MINUTE)
  await within(rig, 'it has expired', async () => (await rig.states())['code@a.example'] === 'bounced')
  expect(rig.sent).not.toContain('code@a.example')
  expect((await rig.states())['r5@a.example']).toBe('queued')
})

test('a boot that another node took for dead sends nothing from memory that it had not begun', async () => {
  await using rig = await queueRig({ laneConnections: 1 })
  for (const name of ['one', 'two']) await rig.accept({ to: [`${name}@a.example`] })
  await until('the first is with a worker', () => rig.orders.length === 1)
  // Another node whose clock is far ahead, as SQLite tells it; PostgreSQL asks its own.
  const other = { node: 'n2', boot: 'x' }
  expect(await rig.store.queue.heartbeat(other, NOW + HOUR, NOW + 2 * HOUR)).toMatchObject({ freed: 2 })
  await rig.advance(20 * SECOND)
  await until('it heard of it', async () => {
    await rig.advance(0)
    rig.answerAll()
    return rig.queue.status().inHand <= 1
  })
  expect(await rig.store.queue.heartbeat(other, NOW, NOW + HOUR)).toMatchObject({ buried: false })
})
