import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MailEvent } from '../../../src/core/event.ts'
import type { BounceReason } from '../../../src/core/failure.ts'
import { DAY, MINUTE } from '../../../src/core/time.ts'
import { Follower } from '../../../src/services/following/follower.ts'
import { Learning } from '../../../src/services/suppression/learning.ts'
import type { Anomaly } from '../../../src/services/suppression/stretch.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  firstDelivery,
  HOLDER,
  ids,
  mailboxNamed,
  NOW,
  storeOptions,
} from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

let folder: string
let store: Store
let anomalies: Anomaly[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-learning-'))
  store = await openStore(`sqlite:${join(folder, 'log.db')}`, storeOptions())
  anomalies = []
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const quiet = storeOptions()

function learning(): Learning {
  return new Learning({
    store: store.suppressions,
    history: store.log,
    messages: store.messages,
    providerOf: (mx) => mx.split('.').slice(-2).join('.'),
    changed: () => {},
    alert: async (anomaly) => void anomalies.push(anomaly),
    log: quiet.log,
    meter: quiet.meter,
    options: { hardBounce: 180 * DAY },
  })
}

interface Told {
  readonly to: string
  readonly at?: number
  readonly mx?: string | null
  readonly mode?: 'test'
  readonly account?: never
}

const peer = (mx: string | null | undefined) => ({
  mx: mx === undefined ? 'mx1.big.example' : mx,
  ip: '192.0.2.1',
  software: null,
})

/** Puts one message with one event into the store, as accepting and settling do. */
async function tell(
  { to, at = NOW, mode }: Told,
  facts: (
    head: Pick<MailEvent, 'id' | 'accountId' | 'messageId' | 'deliveryId' | 'recipient' | 'at'>,
  ) => MailEvent,
): Promise<void> {
  const accepted = acceptanceOf({ to: [to], leased: true, message: mode === undefined ? {} : { mode } })
  await store.queue.accept(accepted)
  const deliveryId = firstDelivery(accepted)
  const head = {
    id: ids.event(),
    accountId: ACCOUNT,
    messageId: accepted.message.id,
    deliveryId,
    recipient: mailboxNamed(to),
    at,
  }
  const event = facts(head)
  const state = event.type === 'email.bounced' ? ('bounced' as const) : ('delivered' as const)
  await store.queue.settle([{ deliveryId, attempt: null, next: { state, at }, events: [event] }], HOLDER)
}

/** One message that is delivered, and of which a report comes a minute later. */
async function tellLate(
  told: Told,
  facts: (head: Parameters<Parameters<typeof tell>[1]>[0]) => MailEvent,
): Promise<void> {
  let deliveryId: MailEvent['deliveryId'] | null = null
  await tell(told, (head) => {
    deliveryId = head.deliveryId
    return { ...head, type: 'email.delivered', peer: peer(told.mx), response: 'ok', elapsed: 1 }
  })
  if (deliveryId === null) throw new Error('no delivery')
  const [entry] = (await store.log.read(LOG_START, 100_000)).slice(-1)
  if (!entry) throw new Error('no event')
  const { accountId, messageId, recipient, at } = entry.event
  const event = facts({ id: ids.event(), accountId, messageId, deliveryId, recipient, at: at + MINUTE })
  await store.queue.late({ deliveryId, events: [event], becomes: 'bounced' })
}

const delivered = (told: Told) =>
  tell(told, (head) => ({
    ...head,
    type: 'email.delivered',
    peer: peer(told.mx),
    response: 'ok',
    elapsed: 1,
  }))

const bounced = (told: Told, reason: BounceReason, type: 'hard' | 'soft' = 'hard') =>
  tell(told, (head) => ({
    ...head,
    type: 'email.bounced',
    peer: peer(told.mx),
    failure: { type, reason, enhancedCode: '5.1.1', diagnostic: '550 5.1.1 nobody\r\nhere' },
  }))

const complained = (told: Told, feedbackType: string) =>
  tell(told, (head) => ({ ...head, type: 'email.complained', feedbackType, reporter: 'big.example' }))

/** Everything that is in the log by now. */
async function learn(by = learning()): Promise<void> {
  const clock = handClock(NOW)
  const follower = new Follower({ log: store.log, handler: by, clock, say: quiet.log, meter: quiet.meter })
  follower.start()
  await until('the log is read to its end', async () => {
    const rest = await store.log.read(await store.log.cursor('suppression'), 1)
    return rest.length === 0
  })
  await follower.stop()
}

const list = async () =>
  (
    await store.suppressions.list({
      account: ACCOUNT,
      limit: 1000,
      after: null,
      reason: null,
      scope: null,
      domain: null,
      now: null,
    })
  ).map((entry) => `${entry.recipient} ${entry.scope || 'all'} ${entry.reason}`)

test('an address that does not exist is left in peace for 180 days, by the event that said so', async () => {
  await bounced({ to: 'Nobody@one.example' }, 'mailbox_unknown')
  await learn()
  const [entry] = await store.suppressions.entries(ACCOUNT, 'nobody@one.example')
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
  expect(await store.suppressions.hasStrikes()).toBe(true)
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
  expect((await store.suppressions.strikes(ACCOUNT, ['a@one.example']))[0]?.count).toBe(1)
})

async function reachedBefore(count: number): Promise<void> {
  for (let at = 0; at < count; at++) await delivered({ to: `u${at}@one.example` })
}

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

/** Taken, and sent back by a report of a host behind. */
const sentBack = (told: Told) =>
  tellLate(told, (head) => ({
    ...head,
    type: 'email.bounced',
    late: true,
    peer: peer('inner.behind.example'),
    failure: {
      type: 'hard',
      reason: 'mailbox_unknown',
      enhancedCode: '5.1.1',
      diagnostic: '550 5.1.1 nobody',
    },
  }))

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
