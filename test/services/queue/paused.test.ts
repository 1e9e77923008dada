//
// Mail of a sender who may not send waits: in the store, at no cost of others, no longer than it would and no shorter.

import { expect, test } from 'bun:test'
import { pausedUntil } from '../../../src/services/queue/away.ts'
import { type QueueRig, queueRig } from '../../support/queue-rig.ts'
import { until } from '../../support/until.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

async function sendAll(rig: QueueRig, by = 30 * SECOND): Promise<void> {
  for (let at = 0; at < by; at += SECOND / 2) {
    rig.answerAll()
    await rig.advance(SECOND / 2)
  }
}

const sentOf = (rig: QueueRig, name: string) => rig.sent.filter((to) => to.startsWith(name))

async function withBoth(): Promise<QueueRig> {
  const rig = await queueRig({ laneConnections: 1 })
  for (let at = 0; at < 10; at++) {
    await rig.accept({ to: [`news${at}@a.example`], message: { stream: 'marketing' } })
    await rig.accept({ to: [`login${at}@a.example`], message: { stream: 'transactional' } })
  }
  await until('the first is with a worker', () => rig.orders.length === 1)
  return rig
}

test('what waited in memory goes back, others go on, and all is sent once when it is resumed', async () => {
  await using rig = await withBoth()
  rig.isPaused = true
  const under = sentOf(rig, 'news').length
  expect(await rig.queue.takeBack({ stream: 'marketing' })).toBe(10 - under)
  await sendAll(rig)
  expect(sentOf(rig, 'login')).toHaveLength(10)
  expect(sentOf(rig, 'news')).toHaveLength(under)
  expect(rig.queue.status()).toMatchObject({ inHand: 0, memoryOctets: 0 })
  let claimed = 0
  rig.onClaim = (count) => {
    claimed += count
  }
  await sendAll(rig)
  // It is not claimed and put back all the time.
  expect(claimed).toBe(0)
  rig.isPaused = false
  await rig.store.queue.command('retry', { stream: 'marketing' }, rig.clock.now())
  rig.queue.wake()
  await sendAll(rig)
  expect(sentOf(rig, 'news')).toHaveLength(10)
  expect(new Set(rig.sent).size).toBe(20)
})

test('it expires when it would have, and is looked at again by itself', async () => {
  await using rig = await queueRig({ laneConnections: 1 })
  // Has the one connection, so that the others wait behind it.
  await rig.accept({ to: ['login@a.example'] })
  await until('it is with a worker', () => rig.orders.length === 1)
  const createdAt = rig.clock.now()
  for (const [name, minutes] of [
    ['soon', 10],
    ['late', 600],
  ] as const) {
    const expiresAt = createdAt + minutes * MINUTE
    await rig.accept({ to: [`${name}@a.example`], message: { stream: 'marketing', createdAt, expiresAt } })
  }
  rig.isPaused = true
  expect(await rig.queue.takeBack({ stream: 'marketing' })).toBe(2)
  await sendAll(rig, 9 * MINUTE)
  const before = rig.sent.length
  expect(await rig.states()).toMatchObject({ 'soon@a.example': 'queued', 'late@a.example': 'queued' })
  await sendAll(rig, 2 * MINUTE)
  expect(await rig.states()).toMatchObject({ 'soon@a.example': 'bounced', 'late@a.example': 'queued' })
  rig.isPaused = false
  await sendAll(rig, 45 * MINUTE)
  expect(rig.sent.length).toBe(before + 1)
  expect(await rig.states()).toMatchObject({ 'soon@a.example': 'bounced', 'late@a.example': 'delivered' })
})

test.each([
  [0, 10 * 60 * MINUTE, 15 * MINUTE],
  [0.5, 10 * 60 * MINUTE, 30 * MINUTE],
  [0.999, 10 * 60 * MINUTE, 44.97 * MINUTE],
  [0.5, 5 * MINUTE, 5 * MINUTE],
  [0.5, 0, SECOND],
])('dice %p, expires in %p: looked at again in %p', (dice, expires, wait) => {
  expect(pausedUntil(1_000_000, { expiresAt: 1_000_000 + expires }, dice)).toBe(1_000_000 + wait)
})
