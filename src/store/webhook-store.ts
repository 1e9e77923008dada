//
// Owns: webhooks of accounts, and the outbox of what is posted to them, as services see both.
// Never: secrets in the clear, or when something is tried again.

import type { AccountId, EventId, MessageId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { Webhook, WebhookId } from '../core/webhook.ts'
import type { LogStep } from './log-store.ts'
import type { StoreFault } from './store-fault.ts'

export interface WebhookStore {
  add(webhook: StoredWebhook): Promise<Result<void, StoreFault | 'exists'>>
  /** The oldest first; null: of all accounts. */
  list(account: AccountId | null): Promise<readonly StoredWebhook[]>
  /** Url, events, note, state and reason as they are here; false: there is none such. */
  change(webhook: Webhook): Promise<Result<boolean, StoreFault>>
  /** Sealed. */
  rotate(id: WebhookId, secrets: WebhookSecrets): Promise<Result<boolean, StoreFault>>
  /** With all that waits for it and all that was noted of it. */
  remove(id: WebhookId): Promise<Result<boolean, StoreFault>>
  /** Only where it is enabled; false: it was not. */
  disable(id: WebhookId, reason: string): Promise<Result<boolean, StoreFault>>
  /** What waits for it is due now. */
  hasten(id: WebhookId, now: Milliseconds): Promise<Result<void, StoreFault>>

  /** Into the outbox, with the follower's move, in one commit. */
  append(posts: readonly NewPost[], step: LogStep): Promise<Result<'done' | 'overtaken', StoreFault>>
  /** Once more, each as the next replay of its event for its webhook. */
  replay(posts: readonly NewPost[]): Promise<Result<void, StoreFault>>
  /** What was posted at once by hand, with its one attempt. */
  note(post: NewPost, end: PostEnd): Promise<Result<void, StoreFault>>
  /**
   * Takes what is due for some webhooks, of each the longest due, and moves its next turn to `until`: who dies over it
   * leaves it to others. What waits for other webhooks costs nothing, however much it is.
   */
  take(ask: TakeAsk): Promise<readonly WebhookPost[]>
  /** What came of posts, and of their webhooks, in one commit. */
  settle(ends: readonly PostEnd[], failing: readonly Failing[]): Promise<Result<void, StoreFault>>
  /**
   * After the clock was set back by so much: what waits is due so much sooner, but not before now. Where several nodes ask
   * for it, some is tried earlier than it need be.
   */
  forward(now: Milliseconds, back: Milliseconds): Promise<Result<void, StoreFault>>
  /** Of these webhooks. */
  nextDueAt(of: readonly WebhookId[]): Promise<Milliseconds | null>

  /** The log of one webhook, the newest event first. */
  posts(ask: PostsAsk): Promise<readonly PostRow[]>
  countWaiting(): Promise<number>
  /** What has ended before, and what nobody waits for any more. */
  forget(endedBefore: Milliseconds, givenUpBefore: Milliseconds): Promise<void>
}

export interface WebhookSecrets {
  readonly secret: Uint8Array
  readonly previousSecret: Uint8Array | null
  readonly previousUntil: Milliseconds | null
}
export interface StoredWebhook extends Webhook, WebhookSecrets {}

export interface PostKey {
  readonly webhookId: WebhookId
  readonly eventId: EventId
  /** 0: as the event happened; 1, 2, …: replays. */
  readonly replay: number
}

export interface WebhookPost extends PostKey {
  readonly messageId: MessageId
  readonly body: string
  readonly attempts: number
  /** Until when it is ours; for one that is not taken, when it is due. */
  readonly dueAt: Milliseconds
  readonly createdAt: Milliseconds
}

export interface NewPost extends Omit<WebhookPost, 'attempts'> {
  readonly accountId: AccountId
}

export interface TakeAsk {
  readonly now: Milliseconds
  readonly until: Milliseconds
  readonly of: readonly WebhookId[]
  /** At most so many for each of them. */
  readonly each: number
}

export interface PostEnd extends PostKey {
  /** Null: it goes back untried. */
  readonly attempt: PostAttempt | null
  readonly attempts: number
  readonly next:
    | { readonly state: 'waiting'; readonly dueAt: Milliseconds }
    | { readonly state: 'taken' | 'given_up'; readonly at: Milliseconds }
}

export interface PostAttempt {
  readonly number: number
  readonly at: Milliseconds
  readonly took: Milliseconds
  /** Null: no answer came. */
  readonly status: number | null
  /** Why none came; empty else. */
  readonly fault: string
  /** Excerpts. */
  readonly request: string
  readonly response: string
}

/** Since when a webhook takes nothing; null: it does. */
export interface Failing {
  readonly webhookId: WebhookId
  readonly since: Milliseconds | null
}

export interface PostsAsk {
  readonly webhookId: WebhookId
  readonly limit: number
  readonly state: 'waiting' | 'taken' | 'given_up' | null
  /** Behind this one. */
  readonly after: Pick<PostKey, 'eventId' | 'replay'> | null
  /** Those that stand right before this one; not with `after`. */
  readonly before?: Pick<PostKey, 'eventId' | 'replay'> | null
}

export interface PostRow extends PostKey {
  readonly messageId: MessageId
  readonly body: string
  readonly state: 'waiting' | 'taken' | 'given_up'
  readonly dueAt: Milliseconds | null
  readonly createdAt: Milliseconds
  readonly finishedAt: Milliseconds | null
  readonly attempts: readonly PostAttempt[]
}
