//
// Owns: following the log for webhooks: an event becomes a post for each webhook of its account that waits for such
// events, in one commit with the follower's move; what finds a place in memory is posted at once.

import type { LogEvent } from '../../core/event.ts'
import type { Clock } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { WebhookFormat } from '../../core/webhook.ts'
import type { EventStore } from '../../store/event-store.ts'
import type { LogEntry, LogStep } from '../../store/log-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { NewPost, WebhookPost, WebhookStore } from '../../store/webhook-store.ts'
import type { KnownWebhook, WebhookBook } from './book.ts'
import { toldBody } from './formats/formats.ts'
import { LEASE, type WebhookPosting } from './posting.ts'

/** The follower's durable name. */
export const WEBHOOKS = 'webhooks'

export interface TellingParts {
  readonly store: Pick<WebhookStore, 'append'>
  readonly events: Pick<EventStore, 'messageFacts'>
  readonly book: Pick<WebhookBook, 'of'>
  readonly posting: Pick<WebhookPosting, 'grant' | 'hand'>
  readonly clock: Clock
}

interface Wish {
  readonly event: LogEvent
  readonly hook: KnownWebhook
}

export class Telling {
  readonly name = WEBHOOKS
  readonly #parts: TellingParts

  constructor(parts: TellingParts) {
    this.#parts = parts
  }

  async handle(
    entries: readonly LogEntry[],
    step: LogStep,
  ): Promise<Result<'done' | 'overtaken', StoreFault>> {
    const { clock, events, posting, store } = this.#parts
    const wishes = this.#wishes(entries, clock.now())
    const facts = await events.messageFacts([...new Set(wishes.map(({ event }) => event.messageId))])
    const now = clock.now()
    const bodies = new Map<LogEvent, Partial<Record<WebhookFormat, string | null>>>()
    const posts: NewPost[] = []
    const granted: WebhookPost[] = []
    for (const { event, hook } of wishes) {
      const told = bodies.get(event) ?? {}
      const { format } = hook
      if (told[format] === undefined)
        told[format] = toldBody(format, event, facts.get(event.messageId) ?? null)
      bodies.set(event, told)
      const body = told[format]
      // Its format has no words for such events, and nobody could have asked for them.
      if (typeof body !== 'string') continue
      const isGranted = posting.grant(hook)
      const dueAt = isGranted ? now + LEASE : now
      const post = postOf({ event, hook }, body, { now, dueAt })
      posts.push(post)
      if (isGranted) granted.push({ ...post, attempts: 0 })
    }
    let isCommitted = false
    try {
      const done = await store.append(posts, step)
      isCommitted = done.ok && done.value === 'done'
      return done
    } finally {
      posting.hand(granted, isCommitted)
    }
  }

  #wishes(entries: readonly LogEntry[], now: Milliseconds): readonly Wish[] {
    const wishes: Wish[] = []
    for (const { event } of entries) {
      for (const hook of this.#parts.book.of(event.accountId)) {
        // What happened before there was the webhook is not told; one that is made in the future tells of a clock that
        // was set back.
        const isNews = event.at >= hook.createdAt || hook.createdAt > now
        if (isNews && hook.wanted.has(event.type)) wishes.push({ event, hook })
      }
    }
    return wishes
  }
}

export const postOf = (
  { event, hook }: Wish,
  body: string,
  { now, dueAt }: { readonly now: Milliseconds; readonly dueAt: Milliseconds },
): NewPost => ({
  webhookId: hook.id,
  eventId: event.id,
  replay: 0,
  accountId: event.accountId,
  messageId: event.messageId,
  body,
  dueAt,
  createdAt: now,
})
