//
// An operator's hold and drop reach what waits in memory; what a worker has goes its way.

import { expect, test } from 'bun:test'
import { Recall, recalling } from '../../../src/services/queue/recall.ts'
import type { QueueFilter } from '../../../src/store/store.ts'
import { type QueueRig, queueRig } from '../../support/queue-rig.ts'
import { until } from '../../support/until.ts'

const SECOND = 1000

function commandsOf(rig: QueueRig) {
  const recall = new Recall()
  recall.from((filter) => rig.queue.takeBack(filter))
  const queue = recalling(rig.store.queue, recall)
  return {
    hold: (filter: QueueFilter) => queue.command('hold', filter, rig.clock.now()),
    release: (filter: QueueFilter) => queue.command('release', filter, rig.clock.now()),
    drop: (filter: QueueFilter) => queue.drop(filter, rig.clock.now(), () => rig.eventId()),
  }
}

async function withCampaigns(): Promise<QueueRig> {
  const rig = await queueRig({ laneConnections: 1 })
  for (let i = 0; i < 10; i++) {
    for (const campaign of ['wrong', 'right']) {
      expect(await rig.accept({ to: [`${campaign}${i}@a.example`], message: { campaign } })).toBe('leased')
    }
  }
  await until('the first is with a worker', () => rig.orders.length === 1)
  return rig
}

async function sendAll(rig: QueueRig): Promise<void> {
  for (let i = 0; i < 60; i++) {
    rig.answerAll()
    await rig.advance(SECOND / 2)
  }
}

test.each(['hold', 'drop'] as const)(
  '%s stops what waits in memory for its turn, and nothing else',
  async (command) => {
    await using rig = await withCampaigns()
    const under = rig.sent.filter((name) => name.startsWith('wrong')).length
    expect(await commandsOf(rig)[command]({ campaign: 'wrong' })).toBe(10 - under)
    await sendAll(rig)
    expect(rig.sent.filter((name) => name.startsWith('wrong'))).toHaveLength(under)
    expect(rig.sent.filter((name) => name.startsWith('right'))).toHaveLength(10)
    expect(rig.queue.status()).toMatchObject({ inHand: 0, memoryOctets: 0 })
  },
)

test('what was held is sent after its release, once', async () => {
  await using rig = await withCampaigns()
  const { hold, release } = commandsOf(rig)
  await hold({})
  await sendAll(rig)
  expect(rig.sent).toHaveLength(1)
  expect(await release({})).toBe(19)
  rig.queue.wake()
  await sendAll(rig)
  expect(new Set(rig.sent).size).toBe(20)
  expect(rig.sent).toHaveLength(20)
})

test('commands that race with claims, outcomes and new mail lose and double nothing', async () => {
  await using rig = await queueRig({ laneConnections: 3, laneWaiting: 30 })
  const { hold, release, drop } = commandsOf(rig)
  const names: string[] = []
  const working = { yes: true }
  const work = async (): Promise<void> => {
    while (working.yes) {
      const [first] = rig.orders
      if (first) rig.answer(first)
      await rig.advance(SECOND / 4)
    }
  }
  const busy = work()
  for (let i = 0; i < 40; i++) {
    const campaign = `c${i % 4}`
    const to = Array.from({ length: 5 }, (_, n) => `r${i}-${n}@p${i % 3}.example`)
    names.push(...to)
    await rig.accept({ to, message: { campaign } })
    if (i % 5 === 1) await hold({ campaign: 'c1' })
    if (i % 5 === 2) await Promise.all([release({ campaign: 'c1' }), hold({ campaign: 'c2' })])
    if (i % 10 === 7) await Promise.all([drop({ campaign: 'c3' }), release({})])
  }
  await release({})
  rig.queue.wake()
  await until('everything has an end', async () => {
    const { waiting, leased, held } = await rig.store.queue.overview(0)
    return waiting + leased + held === 0
  })
  working.yes = false
  await busy
  const states = await rig.states()
  expect(Object.keys(states).sort()).toEqual(names.toSorted())
  const delivered = Object.keys(states).filter((name) => states[name] === 'delivered')
  expect(rig.sent.toSorted()).toEqual(delivered.toSorted())
  expect(new Set(Object.values(states))).toEqual(new Set(['delivered', 'cancelled']))
}, 20_000)
