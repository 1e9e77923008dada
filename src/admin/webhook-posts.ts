//
// Owns: what the operator has posted to webhooks and sees of posts: tests, replays, what became of them.

import { parseEventId } from '../core/ids.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../core/time.ts'
import { parseWebhookId, type Webhook } from '../core/webhook.ts'
import { parseTime } from '../services/suppression/by-hand.ts'
import type { KnownWebhook } from '../services/webhooks/book.ts'
import type { ReplayWish, WebhooksByHand } from '../services/webhooks/by-hand.ts'
import type { Webhooks } from '../services/webhooks/webhooks.ts'
import type { PostRow, PostsAsk, WebhookStore } from '../store/webhook-store.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { iso, notFound, storeFault } from './faults.ts'
import type { WebhookPostRow, WebhookPostsAsk, WebhookReplayAsk } from './webhook-rows.ts'

export interface WebhookPostParts {
  readonly clock: Clock
  readonly webhooks: Webhooks
  readonly byHand: WebhooksByHand
  readonly posts: WebhookStore['posts']
}

type WebhookPostActions = Pick<AdminActions, 'webhookTest' | 'webhookPosts' | 'webhookReplay'>

export function webhookPostActions({ byHand, clock, posts, webhooks }: WebhookPostParts): WebhookPostActions {
  return {
    async webhookTest({ id }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const tested = await byHand.test(hook.value)
      if (!tested.ok) return fault(storeFault(tested.error))
      const { eventId, taken, tried } = tested.value
      const took = Math.round(tried.took)
      return ok({ id, event_id: eventId, taken, status: tried.status, error: tried.fault, took_ms: took })
    },
    async webhookPosts(ask) {
      const hook = await named(webhooks, ask.id)
      if (!hook.ok) return hook
      const wish = readPostsWish(ask, hook.value)
      return wish.ok ? ok((await posts(wish.value)).map(postRow)) : wish
    },
    async webhookReplay(ask) {
      const hook = await named(webhooks, ask.id)
      if (!hook.ok) return hook
      const wish = readWish(ask, clock.now())
      if (!wish.ok) return wish
      const done = await byHand.replay(hook.value, wish.value)
      if (!done.ok) return fault(storeFault(done.error))
      const { next, replayed } = done.value
      return ok({ id: ask.id, replayed, next: next === null ? null : iso(next) })
    },
  }
}

export async function named(webhooks: Webhooks, text: string): Promise<Result<KnownWebhook, AdminFault>> {
  const id = parseWebhookId(text)
  const hook = id === null ? null : await webhooks.get(id, null)
  return hook === null ? fault(notFound(`webhook ${text}`, 'mailwok webhook list')) : ok(hook)
}

const POST_STATES = ['waiting', 'taken', 'given_up'] as const
const MOST_POSTS = 1000
const BAD_LIMIT: AdminFault = { code: 'invalid_limit', message: `want a limit of 1 to ${MOST_POSTS}` }

function readPostsWish({ limit, state }: WebhookPostsAsk, hook: Webhook): Result<PostsAsk, AdminFault> {
  const chosen = POST_STATES.find((known) => known === state) ?? null
  if (state !== null && chosen === null) return fault(badState(state))
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_POSTS) return fault(BAD_LIMIT)
  return ok({ webhookId: hook.id, limit, state: chosen, after: null })
}

const badState = (said: string): AdminFault => ({
  code: 'invalid_state',
  message: `${JSON.stringify(said)} is no state of a post; want ${POST_STATES.join(', ')}`,
})

function postRow(post: PostRow): WebhookPostRow {
  const last = post.attempts.at(-1)
  const said = last === undefined ? '' : last.status === null ? last.fault : `HTTP ${last.status}`
  return {
    event_id: post.eventId,
    type: (JSON.parse(post.body) as { readonly type: string }).type,
    message_id: post.messageId,
    replay: post.replay,
    state: post.state,
    attempts: post.attempts.length,
    last: said,
    last_at: last === undefined ? null : iso(last.at),
    due_at: post.dueAt === null ? null : iso(post.dueAt),
  }
}

function readWish(
  { event_id, since, until }: WebhookReplayAsk,
  now: Milliseconds,
): Result<ReplayWish, AdminFault> {
  if (event_id !== null) {
    const eventId = parseEventId(event_id)
    return eventId === null
      ? fault({
          code: 'invalid_event',
          message: `${JSON.stringify(event_id)} is no id of an event; want evt_…`,
        })
      : ok({ eventId })
  }
  const from = timeOf(since ?? '', now)
  const to = until === null ? null : timeOf(until, now)
  if (Number.isNaN(from) || (to !== null && Number.isNaN(to))) {
    const message = 'want an event, or a time such as 2027-01-15T10:30:00Z, or "2h" for two hours ago'
    return fault({ code: 'invalid_time', message })
  }
  return ok({ since: from, until: to })
}

const UNITS: Readonly<Record<string, Milliseconds>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

function timeOf(said: string, now: Milliseconds): Milliseconds {
  const match = /^(\d{1,6})([smhd])$/.exec(said)
  const unit = UNITS[match?.[2] ?? '']
  return unit === undefined ? parseTime(said) : now - Number(match?.[1]) * unit
}
