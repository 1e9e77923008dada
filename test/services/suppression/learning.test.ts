import { expect, test } from 'bun:test'
import { DAY } from '../../../src/core/time.ts'
import { ACCOUNT, NOW } from '../../store/contract/samples.ts'
import { learningBench } from '../../support/learning-bench.ts'

const { bench, bounced, complained, delivered, learn, learning, list } = learningBench()

test('an address that does not exist is left in peace for 180 days, by the event that said so', async () => {
  await bounced({ to: 'Nobody@one.example' }, 'mailbox_unknown')
  await learn()
  const [entry] = await bench.store.suppressions.entries(ACCOUNT, 'nobody@one.example')
  expect(entry).toMatchObject({
    scope: '',
    reason: 'hard_bounce',
    createdAt: NOW,
    expiresAt: NOW + 180 * DAY,
    note: '550 5.1.1 nobody here',
  })
  expect(entry?.eventId).toMatch(/^evt_/)
})

test('reasons that speak of us or of what we sent suppress nobody', async () => {
  const reasons = ['reputation', 'blocked', 'policy', 'spam', 'content', 'virus', 'mailbox_full'] as const
  for (const [at, reason] of reasons.entries()) await bounced({ to: `a${at}@one.example` }, reason)
  await bounced({ to: 'expired@one.example' }, 'expired', 'soft')
  await bounced({ to: 'soft@one.example' }, 'mailbox_unknown', 'soft')
  await learn()
  expect(await list()).toEqual([])
})

test('every word for a missing address counts', async () => {
  await bounced({ to: 'a@one.example' }, 'mailbox_moved')
  await bounced({ to: 'b@typo.example', mx: null }, 'domain_unknown')
  await bounced({ to: 'c@null.example', mx: null }, 'domain_refuses_mail')
  await learn()
  expect((await list()).map((line) => line.split(' ')[0])).toEqual([
    'a@one.example',
    'b@typo.example',
    'c@null.example',
  ])
})

test('a mailbox that is switched off is gone when it is so twice within 30 days', async () => {
  await bounced({ to: 'a@one.example' }, 'mailbox_disabled')
  await bounced({ to: 'late@one.example' }, 'mailbox_disabled')
  const by = learning()
  await learn(by)
  expect(await list()).toEqual([])
  await bounced({ to: 'a@one.example', at: NOW + 29 * DAY }, 'mailbox_disabled')
  await bounced({ to: 'late@one.example', at: NOW + 31 * DAY }, 'mailbox_disabled')
  await learn(by)
  expect(await list()).toEqual(['a@one.example all hard_bounce'])
})

test('delivered mail clears the strike', async () => {
  await bounced({ to: 'a@one.example' }, 'mailbox_disabled')
  const by = learning()
  await learn(by)
  await delivered({ to: 'A@one.example', at: NOW + DAY })
  await learn(by)
  await bounced({ to: 'a@one.example', at: NOW + 2 * DAY }, 'mailbox_disabled')
  await learn(by)
  expect(await list()).toEqual([])
  expect(await bench.store.suppressions.hasStrikes()).toBe(true)
})

test('a complaint ends marketing, and what is no complaint ends nothing', async () => {
  await complained({ to: 'a@one.example' }, 'abuse')
  await complained({ to: 'b@one.example' }, 'not-spam')
  await complained({ to: 'c@one.example' }, 'opt-out')
  await learn()
  expect(await list()).toEqual(['a@one.example marketing complaint', 'c@one.example marketing unsubscribe'])
})

test('played mail proves nothing', async () => {
  await bounced({ to: 'bounce-hard@sandbox.mailwok.test', mx: null }, 'mailbox_unknown')
  await bounced({ to: 'a@one.example', mode: 'test' }, 'mailbox_unknown')
  await learn()
  expect(await list()).toEqual([])
})

test('a stretch that is told twice has its effect once', async () => {
  await bounced({ to: 'a@one.example' }, 'mailbox_disabled')
  const [one, other] = [learning(), learning()]
  await Promise.all([learn(one), learn(other)])
  expect((await bench.store.suppressions.strikes(ACCOUNT, ['a@one.example']))[0]?.count).toBe(1)
})
