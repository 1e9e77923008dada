//
// Owns: a log in a store of its own, into which a test tells what happened, and nodes that learn from it.

import { afterEach, beforeEach } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOfMail, type MailEvent } from '../../src/core/event.ts'
import type { BounceReason } from '../../src/core/failure.ts'
import { DAY, MINUTE } from '../../src/core/time.ts'
import { Follower } from '../../src/services/following/follower.ts'
import { Learning } from '../../src/services/suppression/learning.ts'
import type { Anomaly } from '../../src/services/suppression/stretch.ts'
import { LOG_START } from '../../src/store/log-store.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  firstDelivery,
  HOLDER,
  ids,
  mailboxNamed,
  NOW,
  storeOptions,
} from '../store/contract/samples.ts'
import { handClock } from './clock.ts'
import { until } from './until.ts'

export interface Told {
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

const quiet = storeOptions()

/** Made anew for each test of the file that calls this. */
export function learningBench() {
  const anomalies: Anomaly[] = []
  const bench = {} as { store: Store }
  let folder = ''
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mailwok-learning-'))
    bench.store = await openStore(`sqlite:${join(folder, 'log.db')}`, storeOptions())
    anomalies.length = 0
  })
  afterEach(async () => {
    await bench.store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function learning(): Learning {
    return new Learning({
      store: bench.store.suppressions,
      history: bench.store.log,
      messages: bench.store.messages,
      providerOf: (mx) => mx.split('.').slice(-2).join('.'),
      changed: () => {},
      alert: async (anomaly) => void anomalies.push(anomaly),
      log: quiet.log,
      meter: quiet.meter,
      options: { hardBounce: 180 * DAY },
    })
  }

  /** Puts one message with one event into the store, as accepting and settling do. */
  async function tell(
    { to, at = NOW, mode }: Told,
    facts: (
      head: Pick<MailEvent, 'id' | 'accountId' | 'messageId' | 'deliveryId' | 'recipient' | 'at'>,
    ) => MailEvent,
  ): Promise<void> {
    const accepted = acceptanceOf({ to: [to], leased: true, message: mode === undefined ? {} : { mode } })
    await bench.store.queue.accept(accepted)
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
    await bench.store.queue.settle(
      [{ deliveryId, attempt: null, next: { state, at }, events: [event] }],
      HOLDER,
    )
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
    const [entry] = (await bench.store.log.read(LOG_START, 100_000)).slice(-1)
    if (!entry || !isOfMail(entry.event)) throw new Error('no event')
    const { accountId, messageId, recipient, at } = entry.event
    const event = facts({ id: ids.event(), accountId, messageId, deliveryId, recipient, at: at + MINUTE })
    await bench.store.queue.late({ deliveryId, events: [event], becomes: 'bounced' })
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
    const follower = new Follower({
      log: bench.store.log,
      handler: by,
      clock,
      say: quiet.log,
      meter: quiet.meter,
    })
    follower.start()
    await until('the log is read to its end', async () => {
      const rest = await bench.store.log.read(await bench.store.log.cursor('suppression'), 1)
      return rest.length === 0
    })
    await follower.stop()
  }

  const list = async () =>
    (
      await bench.store.suppressions.list({
        account: ACCOUNT,
        limit: 1000,
        after: null,
        reason: null,
        scope: null,
        domain: null,
        now: null,
      })
    ).map((entry) => `${entry.recipient} ${entry.scope || 'all'} ${entry.reason}`)

  async function reachedBefore(count: number): Promise<void> {
    for (let at = 0; at < count; at++) await delivered({ to: `u${at}@one.example` })
  }

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

  return { anomalies, bench, learning, delivered, bounced, complained, sentBack, learn, list, reachedBefore }
}
