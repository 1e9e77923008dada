import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMailbox } from '../../../src/core/address.ts'
import { deliveryId } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { SECOND } from '../../../src/core/time.ts'
import { Follower } from '../../../src/services/following/follower.ts'
import { DsnDesk, type DsnDeskParts } from '../../../src/services/notices/dsn-desk.ts'
import type { Notice } from '../../../src/services/notices/notices.ts'
import { LOG_START } from '../../../src/store/log-store.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, acceptanceOf, HOLDER, ids, NOW, storeOptions } from '../../store/contract/samples.ts'
import { handClock } from '../../support/clock.ts'
import { until } from '../../support/until.ts'

let folder: string
let store: Store
/** By key: a key that comes again is the same letter, as at the door. */
let sent: Map<string, Notice>
let offered: number
let refuse: (notice: Notice) => boolean | 'for-ever'

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-dsn-'))
  store = await openStore(`sqlite:${join(folder, 'log.db')}`, storeOptions())
  sent = new Map()
  offered = 0
  refuse = () => false
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const offer: DsnDeskParts['notices']['offer'] = async (notice) => {
  offered += 1
  const no = refuse(notice)
  if (no !== false) return fault({ detail: 'no', passes: no !== 'for-ever' })
  if (!sent.has(notice.key)) sent.set(notice.key, notice)
  return ok(ids.message())
}

const desk = (
  messages: DsnDeskParts['messages'] = store.messages,
  log: DsnDeskParts['log'] = store.log,
): DsnDesk =>
  new DsnDesk({
    log,
    messages,
    senders: { factsFor: async () => ({ kind: 'ready' }) as never },
    notices: { offer },
    hostname: 'mail.lab.test',
    bounceMessages: 'on-request',
  })

async function step(by: DsnDesk) {
  const from = await store.log.cursor('dsn')
  const entries = await store.log.read(from, 500)
  const to = entries.at(-1)?.cursor
  return to === undefined ? null : by.handle(entries, { follower: 'dsn', from, to })
}

async function accept(...to: string[]) {
  const reversePath = parseMailbox('shop@example.com')
  if (!reversePath.ok) throw new Error(reversePath.error)
  const plain = acceptanceOf({
    to,
    leased: true,
    message: { source: 'smtp', reversePath: reversePath.value },
  })
  const accepted = {
    ...plain,
    deliveries: plain.deliveries.map((one) => ({ ...one, dsn: { notify: ['FAILURE' as const] } })),
  }
  await store.queue.accept(accepted)
  return accepted
}

async function bounce({ message, deliveries }: Awaited<ReturnType<typeof accept>>, ordinal: number) {
  const recipient = deliveries[ordinal]?.recipient
  if (!recipient) throw new Error('nobody')
  const id = deliveryId(message.id, ordinal)
  const event = {
    id: ids.event(),
    type: 'email.bounced' as const,
    accountId: ACCOUNT,
    messageId: message.id,
    deliveryId: id,
    recipient,
    at: NOW,
    peer: { mx: 'mx.example', ip: null, software: null },
    failure: {
      type: 'hard' as const,
      reason: 'mailbox_unknown' as const,
      enhancedCode: '5.1.1',
      diagnostic: '550 5.1.1 no',
    },
  }
  await store.queue.settle(
    [{ deliveryId: id, attempt: null, next: { state: 'bounced', at: NOW }, events: [event] }],
    HOLDER,
  )
}

/** Who was told of, over all letters; whoever is named twice was told of twice. */
const toldOf = (): readonly string[] =>
  [...sent.values()]
    .flatMap(({ parts }) => [
      ...Buffer.from(parts?.[0]?.content ?? '')
        .toString()
        .matchAll(/^Final-Recipient: rfc822; (\S+)/gm),
    ])
    .map(([, recipient]) => recipient ?? '')
    .sort()

test('one letter per message tells of all its recipients', async () => {
  const one = await accept('a@x.example', 'b@x.example', 'c@x.example')
  const other = await accept('d@x.example')
  for (const ordinal of [0, 2]) await bounce(one, ordinal)
  await bounce(other, 0)
  expect(await step(desk())).toEqual({ ok: true, value: 'done' })
  expect(sent.size).toBe(2)
  expect(toldOf()).toEqual(['a@x.example', 'c@x.example', 'd@x.example'])
  expect(await step(desk())).toBeNull()
})

test('a crash between letters and place: what came meanwhile is told of, and nobody twice', async () => {
  const accepted = await accept('a@x.example', 'b@x.example', 'c@x.example', 'd@x.example')
  await bounce(accepted, 0)
  await bounce(accepted, 1)
  const crashed = desk(store.messages, {
    cursor: store.log.cursor,
    advance: (move) =>
      move.follower === 'dsn' ? Promise.reject(new Error('kill -9')) : store.log.advance(move),
  })
  expect(await step(crashed).catch(String)).toBe('Error: kill -9')
  expect(toldOf()).toEqual(['a@x.example', 'b@x.example'])
  await bounce(accepted, 2)
  const next = desk()
  expect(await step(next)).toEqual({ ok: true, value: 'overtaken' })
  await bounce(accepted, 3)
  expect(await step(next)).toEqual({ ok: true, value: 'done' })
  expect(toldOf()).toEqual(['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example'])
  expect(sent.size).toBe(2)
})

test('a crash behind a stretch that nothing was wanted of: whoever fails on its far side is told of', async () => {
  const clock = handClock(NOW)
  let looked = 0
  const log: Store['log'] = {
    ...store.log,
    pick: async (...ask) => {
      const stretch = await store.log.pick(...ask)
      looked += stretch.looked
      return stretch
    },
  }
  const following = (handler: DsnDesk) =>
    new Follower({ log, handler, clock, say: storeOptions().log, meter: storeOptions().meter })
  const early = await accept('early@x.example')
  const both = await accept('a@x.example', 'b@x.example')
  const crashed = following(
    desk(store.messages, {
      cursor: store.log.cursor,
      advance: async (move) => {
        const killed = move.follower === 'dsn' && sent.size > 0
        return killed ? fault('unavailable') : store.log.advance(move)
      },
    }),
  )
  crashed.start()
  await until('it has looked at what is queued, and wants none of it', () => {
    clock.advance(SECOND)
    return looked === 3
  })
  await bounce(early, 0)
  // As many events as a stretch has, counted from where it looks on, end between the two.
  await accept(...Array.from({ length: 498 }, (_, at) => `u${at}@x.example`))
  await bounce(both, 0)
  await bounce(both, 1)
  await until('letters have left', () => {
    clock.advance(SECOND)
    return sent.size >= 2
  })
  await crashed.stop()
  const next = following(desk())
  next.start()
  const place = (await store.log.read(LOG_START, 1000)).at(-1)?.cursor
  await until('it has gone on to the end', async () => {
    clock.advance(SECOND)
    return (await store.log.cursor('dsn')) === place
  })
  await next.stop()
  expect(toldOf()).toEqual(['a@x.example', 'b@x.example', 'early@x.example'])
})

test('two nodes at one log tell of each recipient once', async () => {
  const accepted = await accept(...Array.from({ length: 40 }, (_, at) => `u${at}@x.example`))
  const [left, right] = [desk(), desk()]
  for (let at = 0; at < 40; at += 2) {
    await bounce(accepted, at)
    const both = [step(left), bounce(accepted, at + 1), step(right)] as const
    await Promise.all(both)
  }
  for (let rest = 0; rest < 20; rest++) await step(left)
  expect(toldOf()).toEqual(Array.from({ length: 40 }, (_, at) => `u${at}@x.example`).sort())
})

test('while the door is shut nothing moves on; what it never takes is told without the original', async () => {
  await bounce(await accept('a@x.example'), 0)
  refuse = () => true
  expect((await step(desk()))?.ok).toBe(false)
  refuse = ({ parts }) => (parts?.length === 2 ? 'for-ever' : false)
  // The stretch was pinned: the follower reads on from where it ended.
  expect(await step(desk())).toEqual({ ok: true, value: 'overtaken' })
  expect(toldOf()).toEqual(['a@x.example'])
  expect(offered).toBe(3)
})
