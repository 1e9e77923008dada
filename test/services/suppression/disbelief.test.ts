import { expect, test } from 'bun:test'
import { DAY, MINUTE } from '../../../src/core/time.ts'
import { NOW } from '../../store/contract/samples.ts'
import { learningBench } from '../../support/learning-bench.ts'

const { anomalies, bounced, delivered, learn, learning, list, reachedBefore, sentBack } = learningBench()

test('a provider that loses many of its addresses at once is not believed, and what it said is taken back', async () => {
  await reachedBefore(60)
  const by = learning()
  await learn(by)
  const later = NOW + 30 * DAY
  for (let at = 0; at < 19; at++) await bounced({ to: `u${at}@one.example`, at: later }, 'mailbox_unknown')
  await bounced({ to: 'x@two.example', at: later, mx: 'mx.small.example' }, 'mailbox_unknown')
  await learn(by)
  expect((await list()).length).toBe(20)
  await bounced({ to: 'u19@one.example', at: later + MINUTE }, 'mailbox_unknown')
  await bounced({ to: 'new@one.example', at: later + MINUTE }, 'mailbox_unknown')
  await learn(by)
  expect(await list()).toEqual(['x@two.example all hard_bounce'])
  expect(anomalies).toMatchObject([{ provider: 'big.example', lost: 20, seen: 20, takenBack: 19 }])
  // When it has found its wits again, it is believed again.
  await bounced({ to: 'u20@one.example', at: later + 20 * MINUTE }, 'mailbox_unknown')
  await learn(by)
  expect((await list()).length).toBe(2)
})

test('a small share of lost addresses is the way of the world', async () => {
  await reachedBefore(250)
  const by = learning()
  await learn(by)
  for (let at = 0; at < 225; at++) await delivered({ to: `u${at}@one.example`, at: NOW + MINUTE })
  for (let at = 225; at < 250; at++)
    await bounced({ to: `u${at}@one.example`, at: NOW + MINUTE }, 'mailbox_unknown')
  await learn(by)
  expect((await list()).length).toBe(25)
  expect(anomalies).toEqual([])
})

test('a list of addresses that were never reached may be as dead as it likes', async () => {
  for (let at = 0; at < 100; at++) await bounced({ to: `u${at}@one.example` }, 'mailbox_unknown')
  await learn()
  expect((await list()).length).toBe(100)
})

test('a start in the middle of it forgets nothing: the minutes before are read back', async () => {
  await reachedBefore(60)
  const later = NOW + 30 * DAY
  for (let at = 0; at < 19; at++) await bounced({ to: `u${at}@one.example`, at: later }, 'mailbox_unknown')
  await learn()
  expect((await list()).length).toBe(19)
  await bounced({ to: 'u19@one.example', at: later + MINUTE }, 'mailbox_unknown')
  await learn()
  expect(await list()).toEqual([])
  expect(anomalies).toMatchObject([{ provider: 'big.example', lost: 20, takenBack: 19 }])
})

test('two nodes that take turns see all of it, each', async () => {
  await reachedBefore(60)
  const nodes = [learning(), learning()]
  for (const node of nodes) await learn(node)
  const later = NOW + 30 * DAY
  for (let at = 0; at < 20; at++) {
    await bounced({ to: `u${at}@one.example`, at: later + at }, 'mailbox_unknown')
    const node = nodes[at % 2]
    if (node) await learn(node)
  }
  expect(await list()).toEqual([])
  expect(anomalies).toMatchObject([{ provider: 'big.example', lost: 20, takenBack: 19 }])
})

test('a provider that takes mail of good addresses and sends it back is not believed either', async () => {
  await reachedBefore(60)
  const by = learning()
  await learn(by)
  const later = NOW + 30 * DAY
  for (let at = 0; at < 25; at++) await sentBack({ to: `u${at}@one.example`, at: later })
  await learn(by)
  expect(await list()).toEqual([])
  expect(anomalies).toMatchObject([{ provider: 'big.example', lost: 25 }])
})

test('a dead list that is taken first and sent back later is suppressed as it deserves', async () => {
  for (let at = 0; at < 25; at++) await sentBack({ to: `new${at}@one.example`, at: NOW })
  await learn()
  expect((await list()).length).toBe(25)
  expect(anomalies).toEqual([])
})
