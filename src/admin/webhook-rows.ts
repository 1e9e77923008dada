//
// Owns: webhooks as the operator sees them: plain data in, plain data out.

export interface WebhookAsk {
  readonly account: string
  readonly url: string
  /** Empty: the usual ones. */
  readonly events: readonly string[]
  readonly note: string
  /** Absent: mailwok. */
  readonly format?: string | undefined
}

export interface WebhookRow {
  readonly id: string
  readonly url: string
  readonly events: string
  readonly format: string
  readonly state: string
  /** Why it is disabled; empty else. */
  readonly reason: string
  readonly account: string
  readonly note: string
  readonly created_at: string
  readonly failing_since: string | null
}

/** The only time at which the secret is told. */
export interface MadeWebhookRow extends WebhookRow {
  readonly secret: string
}

export interface WebhookTestRow {
  readonly id: string
  readonly event_id: string
  readonly taken: boolean
  readonly status: number | null
  readonly error: string
  readonly took_ms: number
}

/** What became of the posts to a webhook, the newest event first. */
export interface WebhookPostsAsk {
  readonly id: string
  /** `waiting`, `taken` or `given_up`; null: all. */
  readonly state: string | null
  readonly limit: number
}

export interface WebhookPostRow {
  readonly event_id: string
  readonly type: string
  readonly message_id: string
  /** 0: as it happened; 1, 2, …: posted again by hand. */
  readonly replay: number
  readonly state: string
  readonly attempts: number
  /** Of the last attempt: `HTTP 503`, or why no answer came; empty before the first. */
  readonly last: string
  readonly last_at: string | null
  /** Null: it has ended. */
  readonly due_at: string | null
}

export interface WebhookReplayAsk {
  readonly id: string
  /** Null: those of a time. */
  readonly event_id: string | null
  /** ISO 8601, or how long ago, such as `2h`. */
  readonly since: string | null
  readonly until: string | null
}

export interface WebhookReplayRow {
  readonly id: string
  readonly replayed: number
  /** From when to go on; null: that was all. */
  readonly next: string | null
}
