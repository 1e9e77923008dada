//
// Owns: what people do with a webhook by hand: a test event at once, and posting again what happened.

import type { ForwardPath, Mailbox } from '../../core/address.ts'
import type { LogEvent, LogEventType } from '../../core/event.ts'
import { type DeliveryId, type EventId, type Ids, timeOf } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { EventAsk, EventMessage, EventStore } from '../../store/event-store.ts'
import type { LogEntry } from '../../store/log-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { WebhookStore } from '../../store/webhook-store.ts'
import { accountSamples } from './account-samples.ts'
import type { KnownWebhook } from './book.ts'
import { toldBody } from './formats/formats.ts'
import { isTaken, type Tried } from './judge.ts'
import type { Poster } from './poster.ts'
import { postOf } from './telling.ts'

export interface ByHandParts {
  readonly store: Pick<WebhookStore, 'note' | 'replay'>
  readonly events: Pick<EventStore, 'page' | 'messageFacts'>
  readonly poster: Pick<Poster, 'post'>
  readonly wake: () => void
  readonly clock: Clock
  readonly ids: Pick<Ids, 'event' | 'message'>
}

export interface Tested {
  readonly eventId: EventId
  readonly taken: boolean
  readonly tried: Tried
}

export type ReplayWish =
  | { readonly eventId: EventId }
  | { readonly since: Milliseconds; readonly until: Milliseconds | null }

export interface Replayed {
  readonly replayed: number
  /** More would have fitted: the time from which to go on; null: that was all. */
  readonly next: Milliseconds | null
}

/** Of one replay: each is a row, and a request. */
export const MAX_REPLAY = 10_000
const PAGE = 500
/** An event is made at the time it happened, nearly. */
const AROUND: Milliseconds = 5 * MINUTE

export class WebhooksByHand {
  readonly #parts: ByHandParts

  constructor(parts: ByHandParts) {
    this.#parts = parts
  }

  /** Posted here and now, whatever state the webhook is in; noted, and never tried again. */
  async test(hook: KnownWebhook): Promise<Result<Tested, StoreFault>> {
    const { clock, ids, poster, store } = this.#parts
    const now = clock.now()
    const event = sampleEvent(hook, ids, now)
    const body = toldBody(hook.format, event, sampleFacts(now)) ?? ''
    const tried = await poster.post(hook, { eventId: event.id, body })
    if (tried === null) return fault('unavailable')
    const { status, fault: why, request, response, startedAt, took } = tried
    const taken = isTaken(tried)
    const noted = await store.note(postOf({ event, hook }, body, { now, dueAt: now }), {
      webhookId: hook.id,
      eventId: event.id,
      replay: 0,
      attempts: 1,
      attempt: { number: 1, at: startedAt, took, status, fault: why, request, response },
      next: { state: taken ? 'taken' : 'given_up', at: clock.now() },
    })
    return noted.ok ? ok({ eventId: event.id, taken, tried }) : noted
  }

  /** One event, whatever its type; or those of a time that the webhook waits for. */
  async replay(hook: KnownWebhook, wish: ReplayWish): Promise<Result<Replayed, StoreFault>> {
    const { events, wake } = this.#parts
    let replayed = 0
    let after: EventAsk['after'] = null
    for (;;) {
      const page = await events.page({ ...askOf(hook, wish), after })
      const done = await this.#again(hook, page.entries)
      if (!done.ok) return done
      replayed += page.entries.length
      after = page.next
      const isAll = page.isEnd || ('eventId' in wish && replayed > 0)
      if (isAll || replayed >= MAX_REPLAY) {
        wake()
        const last = page.entries[page.entries.length - 1]?.event.at ?? 0
        return ok({ replayed, next: isAll ? null : last })
      }
    }
  }

  async #again(hook: KnownWebhook, entries: readonly LogEntry[]): Promise<Result<void, StoreFault>> {
    const { clock, events, store } = this.#parts
    if (entries.length === 0) return ok(undefined)
    const facts = await events.messageFacts([...new Set(entries.map(({ event }) => event.messageId))])
    const now = clock.now()
    const posts = entries.flatMap(({ event }) => {
      const body = toldBody(hook.format, event, facts.get(event.messageId) ?? null)
      return body === null ? [] : [postOf({ event, hook }, body, { now, dueAt: now })]
    })
    return store.replay(posts)
  }
}

function askOf(hook: KnownWebhook, wish: ReplayWish): Omit<EventAsk, 'after'> {
  const every = {
    account: hook.accountId,
    order: 'asc',
    limit: PAGE,
    messageId: null,
    recipient: null,
  } as const
  if (!('eventId' in wish)) return { ...every, types: hook.events, since: wish.since, until: wish.until }
  const at = timeOf(wish.eventId)
  return { ...every, limit: 1, types: [], id: wish.eventId, since: at - AROUND, until: at + AROUND }
}

const sampleFacts = (at: Milliseconds): EventMessage => ({
  tags: ['test'],
  custom: null,
  mode: 'test',
  from: 'sender@example.com' as Mailbox,
  subject: 'This is a test',
  stream: 'transactional',
  createdAt: at,
})

/** Of the first type that the webhook waits for, as if it had happened to somebody. */
function sampleEvent(hook: KnownWebhook, ids: ByHandParts['ids'], at: Milliseconds): LogEvent {
  const messageId = ids.message()
  const head = {
    id: ids.event(),
    accountId: hook.accountId,
    messageId,
    deliveryId: `${messageId}.0` as DeliveryId,
    recipient: 'user@example.com' as ForwardPath,
    at,
  }
  const peer = { mx: 'mx.example.com', ip: '192.0.2.1', software: 'Example MTA' }
  const reader = { ip: '192.0.2.2', userAgent: 'Example Reader/1.0' }
  const failure = {
    type: 'hard',
    reason: 'mailbox_unknown',
    enhancedCode: '5.1.1',
    diagnostic: '550 5.1.1 this is a test',
    blame: 'recipient',
    remedy: 'Nothing: this is a test.',
  } as const
  const samples: Record<LogEventType, LogEvent> = {
    'email.queued': { ...head, type: 'email.queued' },
    'email.delivered': { ...head, type: 'email.delivered', peer, response: '250 2.0.0 Ok', elapsed: 120 },
    'email.deferred': { ...head, type: 'email.deferred', peer, failure, nextAttemptAt: at + MINUTE },
    'email.bounced': { ...head, type: 'email.bounced', peer, failure },
    'email.opened': { ...head, type: 'email.opened', ...reader, machine: false, why: [] },
    'email.clicked': {
      ...head,
      type: 'email.clicked',
      ...reader,
      machine: false,
      why: [],
      url: 'https://example.com/',
    },
    'email.complained': { ...head, type: 'email.complained', feedbackType: 'abuse', reporter: 'example.com' },
    'email.unsubscribed': { ...head, type: 'email.unsubscribed', ...reader, scope: '', by: 'one-click' },
    'email.failed': { ...head, type: 'email.failed', reason: 'this is a test' },
    'email.suppressed': { ...head, type: 'email.suppressed', reason: 'this is a test' },
    'email.cancelled': { ...head, type: 'email.cancelled', reason: 'this is a test' },
    ...accountSamples({ id: head.id, accountId: hook.accountId, at }),
  }
  return samples[hook.events[0] ?? 'email.delivered']
}
