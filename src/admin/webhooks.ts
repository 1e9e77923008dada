//
// Owns: the operator's actions on webhooks of all accounts.

import { parseEventId } from '../core/ids.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from '../core/time.ts'
import { EVENT_TYPES, parseWebhookId, type Webhook } from '../core/webhook.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import { parseTime } from '../services/suppression/by-hand.ts'
import type { KnownWebhook } from '../services/webhooks/book.ts'
import type { ReplayWish, WebhooksByHand } from '../services/webhooks/by-hand.ts'
import { MAX_WEBHOOKS, type WebhookFault, type Webhooks } from '../services/webhooks/webhooks.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { accountNamed } from './directory.ts'
import { iso, notFound, storeFault } from './faults.ts'
import type { WebhookReplayAsk, WebhookRow } from './webhook-rows.ts'

export interface WebhookAdminParts {
  readonly clock: Clock
  readonly accounts: Accounts
  readonly webhooks: Webhooks
  readonly byHand: WebhooksByHand
}

export type WebhookActions = Pick<AdminActions, `webhook${string}` & keyof AdminActions>

export function webhookActions({ accounts, byHand, clock, webhooks }: WebhookAdminParts): WebhookActions {
  const row = async (hook: Webhook): Promise<WebhookRow> => {
    const owner = (await accounts.list()).find(({ id }) => id === hook.accountId)
    return rowOf(hook, owner?.name ?? hook.accountId)
  }
  return {
    async webhookAdd({ account, url, events, note }) {
      const owner = await accountNamed(accounts, account)
      if (!owner.ok) return owner
      const made = await webhooks.add(owner.value.id, { url, events, note })
      if (!made.ok) return fault(faultOf(made.error))
      return ok({ ...rowOf(made.value.webhook, account), secret: made.value.secret })
    },
    async webhookList({ account }) {
      const owner = account === null ? null : await accountNamed(accounts, account)
      if (owner?.ok === false) return owner
      const hooks = await webhooks.list(owner?.ok ? owner.value.id : null)
      return ok(await Promise.all(hooks.map(row)))
    },
    async webhookState({ id, state }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const changed = await webhooks.change(hook.value, { state })
      return changed.ok ? ok(await row(changed.value)) : fault(faultOf(changed.error))
    },
    async webhookRotate({ id }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const made = await webhooks.rotate(hook.value)
      if (!made.ok) return fault(faultOf(made.error))
      return ok({ ...(await row(made.value.webhook)), secret: made.value.secret })
    },
    async webhookRemove({ id }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const removed = await webhooks.remove(hook.value.id)
      return removed.ok ? ok({ id }) : fault(storeFault(removed.error))
    },
    async webhookTest({ id }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const tested = await byHand.test(hook.value)
      if (!tested.ok) return fault(storeFault(tested.error))
      const { eventId, taken, tried } = tested.value
      const took = Math.round(tried.took)
      return ok({ id, event_id: eventId, taken, status: tried.status, error: tried.fault, took_ms: took })
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

async function named(webhooks: Webhooks, text: string): Promise<Result<KnownWebhook, AdminFault>> {
  const id = parseWebhookId(text)
  const hook = id === null ? null : await webhooks.get(id, null)
  return hook === null ? fault(notFound(`webhook ${text}`, 'mailwok webhook list')) : ok(hook)
}

const rowOf = (hook: Webhook, account: string): WebhookRow => ({
  id: hook.id,
  url: hook.url,
  events: hook.events.join(' '),
  state: hook.state,
  reason: hook.reason,
  account,
  note: hook.note,
  created_at: iso(hook.createdAt),
  failing_since: hook.failingSince === null ? null : iso(hook.failingSince),
})

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

function faultOf(error: WebhookFault): AdminFault {
  if (typeof error === 'object') {
    const known = EVENT_TYPES.join(', ')
    return { code: 'invalid_event', message: `${JSON.stringify(error.name)} is no event; known: ${known}` }
  }
  switch (error) {
    case 'bad-url':
      return {
        code: 'invalid_url',
        message: 'that is no URL that can be posted to; want https://host/path, without a password',
      }
    case 'inside-url':
      return {
        code: 'inside_url',
        message: 'that is on the inside; name host and port in webhooks.allow if that is meant',
      }
    case 'too-many':
      return { code: 'too_many', message: `an account has at most ${MAX_WEBHOOKS} webhooks` }
    case 'unknown':
      return notFound('webhook', 'mailwok webhook list')
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
