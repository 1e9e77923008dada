//
// Owns: /v1/webhooks: where events are posted to, what became of posts, and posting again.

import { Elysia } from 'elysia'
import { parseEventId } from '../../../core/ids.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { parseWebhookId } from '../../../core/webhook.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import type { KnownWebhook } from '../../../services/webhooks/book.ts'
import type { ReplayWish, Tested } from '../../../services/webhooks/by-hand.ts'
import { postView, webhookView } from '../../../services/webhooks/view.ts'
import { MAX_WEBHOOKS, ROTATION, type WebhookFault } from '../../../services/webhooks/webhooks.ts'
import type { PostRow, PostsAsk } from '../../../store/webhook-store.ts'
import {
  ADD_WEBHOOK,
  CHANGE_WEBHOOK,
  GET_WEBHOOK,
  LIST_POSTS,
  LIST_WEBHOOKS,
  REMOVE_WEBHOOK,
  REPLAY,
  ROTATE_SECRET,
  TEST_WEBHOOK,
} from '../operations/webhooks.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, noSuch, type Problem } from '../problem.ts'
import { invalid, timeIn } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { ChangeBody, NewWebhookBody, PostsQuery, ReplayBody } from '../schema/webhooks.ts'

export function webhookRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  const found = (id: string | undefined | null, request: Request) => find(parts, id, callerOf(request))
  return new Elysia({ prefix: '/v1/webhooks', name: 'webhooks', normalize: false })
    .use(bookRoutes(parts, callerOf, found))
    .use(handRoutes(parts, found))
    .use(postRoutes(parts, found))
}

const testView = ({ eventId, taken, tried }: Tested) => ({
  event_id: eventId,
  taken,
  status: tried.status,
  error: tried.fault,
  response: tried.response,
  took_ms: Math.round(tried.took),
})

/** What is done to a webhook by hand. */
function handRoutes(parts: ApiParts, found: Found) {
  return new Elysia({ name: 'webhook-hand', normalize: false })
    .post(
      '/:id/rotate',
      async ({ params, request, set }) => {
        const hook = await found(params.id, request)
        if (!hook.ok) return say(hook.error, set, parts.ids)
        const rotated = await parts.webhooks.rotate(hook.value)
        if (!rotated.ok) return say(problemOf(rotated.error), set, parts.ids)
        const { secret, webhook } = rotated.value
        const until = new Date(parts.clock.now() + ROTATION).toISOString()
        return { success: true, webhook: webhookView(webhook), secret, previous_until: until } as const
      },
      { ...ROTATE_SECRET },
    )
    .post(
      '/:id/test',
      async ({ params, request, set }) => {
        const hook = await found(params.id, request)
        if (!hook.ok) return say(hook.error, set, parts.ids)
        const tested = await parts.webhooksByHand.test(hook.value)
        if (!tested.ok) return say(fromRefusal(storeRefusal(tested.error)), set, parts.ids)
        return { success: true, ...testView(tested.value) } as const
      },
      { ...TEST_WEBHOOK },
    )
    .post(
      '/:id/replay',
      async ({ body, params, request, set }) => {
        const hook = await found(params.id, request)
        if (!hook.ok) return say(hook.error, set, parts.ids)
        const wish = readWish(body)
        if (!wish.ok) return say(wish.error, set, parts.ids)
        const done = await parts.webhooksByHand.replay(hook.value, wish.value)
        if (!done.ok) return say(fromRefusal(storeRefusal(done.error)), set, parts.ids)
        const { next, replayed } = done.value
        if ('eventId' in wish.value && replayed === 0) return say(NO_EVENT, set, parts.ids)
        return { success: true, replayed, next: next === null ? null : new Date(next).toISOString() } as const
      },
      { body: ReplayBody, ...REPLAY },
    )
}

function postRoutes(parts: ApiParts, found: Found) {
  return new Elysia({ name: 'webhook-posts', normalize: false }).get(
    '/:id/deliveries',
    async ({ params, request, set }) => {
      const hook = await found(params.id, request)
      if (!hook.ok) return say(hook.error, set, parts.ids)
      const ask = readPosts(request, hook.value)
      if (!ask.ok) return say(ask.error, set, parts.ids)
      // One more than asked for tells whether there are more.
      const rows = await parts.webhookLog.posts({ ...ask.value, limit: ask.value.limit + 1 })
      const page = ask.value.before ? rows.slice(-ask.value.limit) : rows.slice(0, ask.value.limit)
      return {
        success: true,
        data: page.map(postView),
        has_more: rows.length > page.length,
        next: markOf(page.at(-1)),
        previous: markOf(page[0]),
      } as const
    },
    { ...LIST_POSTS },
  )
}

type Found = (id: string | undefined | null, request: Request) => Promise<Result<KnownWebhook, Problem>>

function bookRoutes(parts: ApiParts, callerOf: (request: Request) => Caller, found: Found) {
  return new Elysia({ name: 'webhook-book', normalize: false })
    .get(
      '',
      async ({ request }) => {
        const hooks = await parts.webhooks.list(callerOf(request).key.accountId)
        return { success: true, data: hooks.map(webhookView), has_more: false } as const
      },
      { ...LIST_WEBHOOKS },
    )
    .post(
      '',
      async ({ body, request, set }) => {
        const made = await parts.webhooks.add(callerOf(request).key.accountId, body)
        if (!made.ok) return say(problemOf(made.error), set, parts.ids)
        return { success: true, webhook: webhookView(made.value.webhook), secret: made.value.secret } as const
      },
      { body: NewWebhookBody, ...ADD_WEBHOOK },
    )
    .get(
      '/:id',
      async ({ params, request, set }) => {
        const hook = await found(params.id, request)
        return hook.ok
          ? ({ success: true, webhook: webhookView(hook.value) } as const)
          : say(hook.error, set, parts.ids)
      },
      { ...GET_WEBHOOK },
    )
    .patch(
      '/:id',
      async ({ body, params, request, set }) => {
        const hook = await found(params.id, request)
        if (!hook.ok) return say(hook.error, set, parts.ids)
        const changed = await parts.webhooks.change(hook.value, body)
        if (!changed.ok) return say(problemOf(changed.error), set, parts.ids)
        return { success: true, webhook: webhookView(changed.value) } as const
      },
      { body: ChangeBody, ...CHANGE_WEBHOOK },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const hook = await found(params.id, request)
        if (!hook.ok) return say(hook.error, set, parts.ids)
        const removed = await parts.webhooks.remove(hook.value.id)
        if (!removed.ok) return say(fromRefusal(storeRefusal(removed.error)), set, parts.ids)
        return { success: true, removed: 1 } as const
      },
      { ...REMOVE_WEBHOOK },
    )
}

async function find(
  { webhooks }: ApiParts,
  named: string | undefined | null,
  { key }: Caller,
): Promise<Result<KnownWebhook, Problem>> {
  const id = parseWebhookId(named ?? '')
  const hook = id === null ? null : await webhooks.get(id, key.accountId)
  return hook === null ? fault(noSuch('webhook', named ?? '')) : ok(hook)
}

const NO_EVENT: Problem = { code: 'not_found', message: 'There is no such event in this account any more.' }

function problemOf(error: WebhookFault): Problem {
  if (typeof error === 'object') {
    return invalid(`events[${error.at}]`, `is none of ${error.known.join(', ')}`)
  }
  switch (error) {
    case 'bad-url':
      return invalid('url', 'is no URL that can be posted to; want https://host/path, without a password')
    case 'inside-url':
      return invalid('url', 'is on the inside of the network')
    case 'too-many':
      return invalid('url', `is one too many: an account has at most ${MAX_WEBHOOKS} webhooks`)
    case 'unknown':
      return { code: 'not_found', message: 'That webhook is there no more.' }
    case 'full':
    case 'busy':
    case 'unavailable':
      return fromRefusal(storeRefusal(error))
    default:
      return error satisfies never
  }
}

function readPosts(request: Request, hook: KnownWebhook): Result<PostsAsk, Problem> {
  const query = readQuery(request, PostsQuery)
  if (!query.ok) return query
  const { limit, state } = query.value
  const after = readMark(query.value.after)
  if (after === 'none') return fault(invalid('after', 'is no value that "next" had'))
  const before = readMark(query.value.before)
  if (before === 'none') return fault(invalid('before', 'is no value that "previous" had'))
  return ok({ webhookId: hook.id, limit: limit ?? 50, state: state ?? null, after, before })
}

const markOf = (post: PostRow | undefined): string | null => (post ? `${post.eventId}.${post.replay}` : null)

/** Null: it was not given. */
function readMark(said: string | undefined): PostsAsk['after'] | 'none' {
  if (said === undefined) return null
  const [, event, replay] = /^(evt_[0-9a-z]{12})\.(\d{1,9})$/.exec(said) ?? []
  const eventId = parseEventId(event ?? '')
  return eventId === null ? 'none' : { eventId, replay: Number(replay) }
}

function readWish(body: {
  readonly event_id?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}): Result<ReplayWish, Problem> {
  const since = timeIn(body.since, 'since')
  if (!since.ok) return since
  const until = timeIn(body.until, 'until')
  if (!until.ok) return until
  if (body.event_id === undefined) {
    if (since.value === null) return fault(invalid('event_id', 'is missing; want it, or since'))
    return ok({ since: since.value, until: until.value })
  }
  const eventId = parseEventId(body.event_id)
  if (eventId === null) return fault(invalid('event_id', 'is no id of an event'))
  if (since.value !== null || until.value !== null) {
    return fault(invalid('since', 'does not go with event_id'))
  }
  return ok({ eventId })
}
