//
// Owns: what both engines promise of webhooks and of their outbox.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { AccountId, EventId, MessageId } from '../../../src/core/ids.ts'
import { DAY, HOUR } from '../../../src/core/time.ts'
import type { WebhookId } from '../../../src/core/webhook.ts'
import type { LogCursor, LogStep } from '../../../src/store/log-store.ts'
import type { Store } from '../../../src/store/store.ts'
import type { NewPost, PostAttempt, PostEnd, StoredWebhook } from '../../../src/store/webhook-store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const OTHER = 'acc_000000000002' as AccountId
const ID = 'whk_000000000001' as WebhookId
const AWAY = 'whk_000000000002' as WebhookId

const hook = (changes: Partial<StoredWebhook> = {}): StoredWebhook => ({
  id: ID,
  accountId: ACCOUNT,
  url: 'https://shop.example/hook',
  events: ['email.delivered', 'email.bounced'],
  note: 'the shop',
  format: 'postmark',
  state: 'enabled',
  reason: '',
  secret: Buffer.from([1, 2, 3]),
  previousSecret: null,
  previousUntil: null,
  createdAt: NOW,
  failingSince: null,
  ...changes,
})

const post = (number: number, changes: Partial<NewPost> = {}): NewPost => ({
  webhookId: ID,
  eventId: `evt_00000000000${number}` as EventId,
  replay: 0,
  accountId: ACCOUNT,
  messageId: 'msg_000000000001' as MessageId,
  body: `{"text":"é\\u0000${number}"}`,
  dueAt: NOW,
  createdAt: NOW,
  ...changes,
})

const many = (webhookOf: (at: number) => WebhookId): readonly NewPost[] =>
  Array.from({ length: 2500 }, (_, at) =>
    post(1, { eventId: `evt_${String(at).padStart(12, '0')}` as EventId, webhookId: webhookOf(at) }),
  )

const attempt = (changes: Partial<PostAttempt> = {}): PostAttempt => ({
  number: 1,
  at: NOW,
  took: 12,
  status: 503,
  fault: '',
  request: 'POST /hook',
  response: 'no room',
  ...changes,
})

const end = (number: number, changes: Partial<PostEnd> = {}): PostEnd => ({
  webhookId: ID,
  eventId: post(number).eventId,
  replay: 0,
  attempts: 1,
  attempt: attempt(),
  next: { state: 'waiting', dueAt: NOW + HOUR },
  ...changes,
})

/** By real cursors of the log's first rows: what a follower does. */
const stepTo = (to: string, from = ''): LogStep => ({
  follower: 'webhooks',
  from: from as LogCursor,
  to: to as LogCursor,
})

const plain = (hooks: readonly StoredWebhook[]) =>
  hooks.map((one) => ({ ...one, secret: [...one.secret], previousSecret: [...(one.previousSecret ?? [])] }))

export function webhookContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(() => store.close())

  const take = (now: number, of: readonly WebhookId[] = [ID, AWAY], each = 10) =>
    store.webhooks.take({ now, until: now + 1000, of, each })

  describe('webhooks', () => {
    test('are kept whole, listed by account, changed, and disabled once', async () => {
      const second = hook({ id: 'whk_000000000002' as WebhookId, accountId: OTHER, failingSince: NOW })
      expect(await store.webhooks.add(hook())).toEqual({ ok: true, value: undefined })
      expect(await store.webhooks.add(hook())).toEqual({ ok: false, error: 'exists' })
      await store.webhooks.add(second)
      expect(plain(await store.webhooks.list(null))).toEqual(plain([hook(), second]))
      expect(plain(await store.webhooks.list(OTHER))).toEqual(plain([second]))
      const changed = hook({ url: 'https://other.example/', events: ['email.opened'], note: '' })
      expect(await store.webhooks.change(changed)).toEqual({ ok: true, value: true })
      expect(plain(await store.webhooks.list(ACCOUNT))).toEqual(plain([changed]))
      expect(await store.webhooks.disable(ID, 'gone')).toEqual({ ok: true, value: true })
      expect(await store.webhooks.disable(ID, 'again')).toEqual({ ok: true, value: false })
      expect((await store.webhooks.list(ACCOUNT))[0]).toMatchObject({ state: 'disabled', reason: 'gone' })
    })

    test('secrets are exchanged, and removal takes posts and attempts along', async () => {
      await store.webhooks.add(hook())
      const secrets = {
        secret: Buffer.from([9]),
        previousSecret: Buffer.from([1, 2, 3]),
        previousUntil: NOW + DAY,
      }
      expect(await store.webhooks.rotate(ID, secrets)).toEqual({ ok: true, value: true })
      expect(plain(await store.webhooks.list(ACCOUNT))).toEqual(plain([hook(secrets)]))
      await store.webhooks.note(post(1), end(1, { next: { state: 'taken', at: NOW } }))
      expect(await store.webhooks.remove(ID)).toEqual({ ok: true, value: true })
      expect(await store.webhooks.remove(ID)).toEqual({ ok: true, value: false })
      expect(await store.webhooks.posts({ webhookId: ID, limit: 10, state: null, after: null })).toEqual([])
    })
  })

  describe('the outbox', () => {
    beforeEach(async () => {
      await store.webhooks.add(hook())
      await store.webhooks.add(hook({ id: AWAY }))
    })

    test('has nothing for a webhook that was taken away meanwhile, and the follower goes on', async () => {
      await store.webhooks.remove(AWAY)
      const posts = [post(1), post(2, { webhookId: AWAY })]
      expect(await store.webhooks.append(posts, stepTo('1'))).toEqual({ ok: true, value: 'done' })
      await store.webhooks.replay([post(3, { webhookId: AWAY })])
      expect(await store.webhooks.countWaiting()).toBe(1)
      await store.webhooks.settle([end(2, { webhookId: AWAY })], [{ webhookId: AWAY, since: NOW }])
      expect(await take(NOW)).toMatchObject([{ eventId: post(1).eventId }])
    })

    test('is brought forward when the clock was set back, and nothing of it before now', async () => {
      const posts = [post(1), post(2, { dueAt: NOW + HOUR }), post(3, { dueAt: NOW + DAY + HOUR })]
      await store.webhooks.append(posts, stepTo('1'))
      const now = NOW - DAY
      expect(await store.webhooks.forward(now, DAY)).toEqual({ ok: true, value: undefined })
      const dues: (number | null)[] = []
      for (let count = 0; count < 3; count++) {
        dues.push(await store.webhooks.nextDueAt([ID]))
        await store.webhooks.take({ now: NOW + DAY, until: NOW + 9 * DAY, of: [ID], each: 1 })
      }
      expect(dues).toEqual([now, now + HOUR, NOW + HOUR])
    })

    test('takes posts with the move of the follower, or neither', async () => {
      expect(await store.webhooks.append([post(1), post(2)], stepTo('5'))).toEqual({
        ok: true,
        value: 'done',
      })
      expect(await store.webhooks.append([post(3)], stepTo('7'))).toEqual({ ok: true, value: 'overtaken' })
      expect(await store.webhooks.append([post(1)], stepTo('8', '5'))).toEqual({ ok: true, value: 'done' })
      expect((await take(NOW)).map(({ eventId }) => eventId as string)).toEqual([
        'evt_000000000001',
        'evt_000000000002',
      ])
      expect(await store.log.cursor('webhooks')).toBe('8' as LogCursor)
    })

    test('gives each post to one who asks, of the webhooks that are named', async () => {
      await store.webhooks.append(
        [post(1), post(2, { webhookId: AWAY }), post(3, { dueAt: NOW + 5 })],
        stepTo('1'),
      )
      expect(await store.webhooks.nextDueAt([ID, AWAY])).toBe(NOW)
      expect(await store.webhooks.nextDueAt([])).toBeNull()
      expect(await take(NOW, [])).toEqual([])
      expect(await store.webhooks.countWaiting()).toBe(3)
      const both = (await Promise.all([take(NOW, [ID]), take(NOW, [ID])])).flat()
      expect(both).toEqual([
        {
          webhookId: ID,
          eventId: post(1).eventId,
          replay: 0,
          messageId: post(1).messageId,
          body: post(1).body,
          attempts: 0,
          dueAt: NOW + 1000,
          createdAt: NOW,
        },
      ])
      expect(await store.webhooks.nextDueAt([AWAY])).toBe(NOW)
      expect(await store.webhooks.nextDueAt([ID])).toBe(NOW + 5)
      expect(await take(NOW + 5, [ID])).toHaveLength(1)
    })

    test('gives at most so many of each, those that are due the longest', async () => {
      const posts = [1, 2, 3].flatMap((number) => [
        post(number, { dueAt: NOW + 9 - number }),
        post(number, { dueAt: NOW + number, webhookId: AWAY }),
      ])
      await store.webhooks.append(posts, stepTo('1'))
      const taken = async () =>
        (await take(NOW + 10, [ID, AWAY], 2)).map(
          ({ eventId, webhookId }) => `${webhookId.slice(-1)} ${eventId.slice(-1)}`,
        )
      expect((await taken()).sort()).toEqual(['1 2', '1 3', '2 1', '2 2'])
      expect((await taken()).sort()).toEqual(['1 1', '2 3'])
    })

    test('a post comes again, ends once, and is noted with its attempts', async () => {
      await store.webhooks.append([post(1), post(2)], stepTo('1'))
      await take(NOW)
      await store.webhooks.settle(
        [
          end(1, { attempt: attempt({ response: 'half \ud83d and \0 nothing' }) }),
          end(2, { attempt: attempt({ status: null, fault: 'refused' }), next: { state: 'taken', at: NOW } }),
        ],
        [],
      )
      expect(await store.webhooks.countWaiting()).toBe(1)
      expect(await take(NOW + HOUR)).toMatchObject([{ eventId: post(1).eventId, attempts: 1 }])
      const given = { attempts: 2, attempt: attempt({ number: 2 }) }
      await store.webhooks.settle([end(1, { ...given, next: { state: 'given_up', at: NOW + HOUR } })], [])
      // Of another node, whose lease was over.
      await store.webhooks.settle([end(1, { ...given, next: { state: 'taken', at: NOW + DAY } })], [])
      const rows = await store.webhooks.posts({ webhookId: ID, limit: 10, state: null, after: null })
      expect(rows.map(({ eventId, state, finishedAt }) => [eventId as string, state, finishedAt])).toEqual([
        ['evt_000000000002', 'taken', NOW],
        ['evt_000000000001', 'given_up', NOW + HOUR],
      ])
      expect(rows[1]?.attempts.map(({ number }) => number)).toEqual([1, 2])
      expect(rows[1]?.attempts[0]?.response).toBe('half \ufffd and  nothing')
      expect(rows[0]?.attempts[0]).toEqual(attempt({ status: null, fault: 'refused' }))
    })

    test('an untried post goes back without an attempt; a webhook is noted as failing and as well', async () => {
      await store.webhooks.append([post(1)], stepTo('1'))
      await take(NOW)
      const back = end(1, { attempts: 0, attempt: null, next: { state: 'waiting', dueAt: NOW + 7 } })
      await store.webhooks.settle([back], [{ webhookId: ID, since: NOW }])
      expect((await store.webhooks.list(null))[0]?.failingSince).toBe(NOW)
      expect(await take(NOW + 7)).toMatchObject([{ attempts: 0 }])
      await store.webhooks.settle([], [{ webhookId: ID, since: null }])
      expect((await store.webhooks.list(null))[0]?.failingSince).toBeNull()
      await store.webhooks.settle([], [])
    })

    test('replays are posts of their own, numbered from 1', async () => {
      await store.webhooks.append([post(1)], stepTo('1'))
      for (const posts of [[post(1), post(2)], [post(1)]]) await store.webhooks.replay(posts)
      const listed = async (after: { eventId: EventId; replay: number } | null, limit = 10) =>
        (await store.webhooks.posts({ webhookId: ID, limit, state: 'waiting', after })).map(
          ({ eventId, replay }) => `${eventId.slice(-1)}.${replay}`,
        )
      expect(await listed(null)).toEqual(['2.1', '1.2', '1.1', '1.0'])
      expect(await listed({ eventId: post(1).eventId, replay: 2 })).toEqual(['1.1', '1.0'])
      expect(await listed(null, 1)).toEqual(['2.1'])
      const back = { state: null, after: null, before: { eventId: post(1).eventId, replay: 0 } } as const
      expect(await store.webhooks.posts({ webhookId: ID, limit: 1, ...back })).toMatchObject([{ replay: 1 }])
    })

    test('a great deal of it is forgotten, however much it is', async () => {
      const posts = many((at) => (at % 2 === 0 ? ID : AWAY))
      await store.webhooks.append(posts, stepTo('1'))
      const tried = posts.map(({ eventId, webhookId }) => end(1, { eventId, webhookId }))
      for (let at = 0; at < tried.length; at += 500)
        await store.webhooks.settle(tried.slice(at, at + 500), [])
      await store.webhooks.forget(NOW, NOW)
      expect(await store.webhooks.countWaiting()).toBe(2500)
      await store.webhooks.forget(NOW, NOW + 1)
      expect(await store.webhooks.countWaiting()).toBe(0)
      await store.webhooks.forget(NOW + 1, NOW + 1)
      expect(await store.webhooks.posts({ webhookId: ID, limit: 1, state: null, after: null })).toEqual([])
    })

    test('goes with its webhook, however much it is, and nothing of others', async () => {
      await store.webhooks.append([post(1), ...many(() => AWAY)], stepTo('1'))
      expect(await store.webhooks.remove(AWAY)).toEqual({ ok: true, value: true })
      expect(await store.webhooks.countWaiting()).toBe(1)
    })

    test('what waits can be hastened; what is old goes, and what nobody waits for is given up', async () => {
      await store.webhooks.append([post(1), post(2, { createdAt: NOW + DAY })], stepTo('1'))
      await store.webhooks.settle(
        [
          end(1, { next: { state: 'waiting', dueAt: NOW + DAY } }),
          end(2, { next: { state: 'waiting', dueAt: NOW + DAY } }),
        ],
        [],
      )
      await store.webhooks.hasten(ID, NOW + 1)
      expect(await store.webhooks.nextDueAt([ID])).toBe(NOW + 1)
      await store.webhooks.forget(NOW, NOW + 1)
      expect(await store.webhooks.countWaiting()).toBe(1)
      const ask = { webhookId: ID, limit: 10, state: null, after: null }
      const listed = async () => (await store.webhooks.posts(ask)).map(({ state }) => state)
      expect(await listed()).toEqual(['waiting', 'given_up'])
      await store.webhooks.forget(NOW + 1, NOW + 1)
      expect(await listed()).toEqual(['waiting'])
    })
  })
}
