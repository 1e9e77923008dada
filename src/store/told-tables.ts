//
// Owns: the columns of the tables by which users hear of their mail: webhooks, roll-ups, sending that is paused,
// alerts.

import type { Int, IntOrNull } from './columns.ts'

export interface WebhookTable {
  id: string
  account_id: string
  url: string
  /** JSON array of event names; what is not named is not posted. */
  events: string
  note: string
  /** In whose words events are told: `mailwok` or a vendor's name. */
  format: string
  /** `enabled` or `disabled`. */
  state: string
  /** Why it is disabled, for people; empty else. */
  reason: string
  /** Sealed with the master secret. */
  secret: Uint8Array
  previous_secret: Uint8Array | null
  /** Until when the previous secret signs as well. */
  previous_until: IntOrNull
  created_at: Int
  /** Since when nothing was taken; null: the last post was. */
  failing_since: IntOrNull
}

/** One event for one webhook: the outbox that follows the log. */
export interface WebhookPostTable {
  webhook_id: string
  event_id: string
  /** 0: as the event happened; 1, 2, …: replays. */
  replay: Int
  account_id: string
  message_id: string
  /** What is posted, JSON: the message may be gone when its turn comes. */
  body: string
  attempts: Int
  /** Null when it has ended. */
  due_at: IntOrNull
  /** `waiting`, `taken` or `given_up`. */
  state: string
  created_at: Int
  finished_at: IntOrNull
}

export interface WebhookAttemptTable {
  webhook_id: string
  event_id: string
  replay: Int
  number: Int
  at: Int
  /** Milliseconds. */
  took: Int
  /** Null: no answer came. */
  status: IntOrNull
  /** Why none came; empty else. */
  fault: string
  /** Excerpts. */
  request: string
  response: string
}

/** A sum of the log: kept by a follower, with its place in one commit. */
export interface StatTable {
  account_id: string
  /** `hour`, `day` or `month`. */
  span: string
  /** Its beginning. */
  at: Int
  /** `all`, `domain`, `tag`, `stream`, `campaign` or `provider`. */
  dimension: string
  name: string
  metric: string
  count: Int
}

/** What provider feedback came to: a domain, a stream or an account that is warned of or paused. */
export interface SendingStateTable {
  account_id: string
  /** `account`, `domain` or `stream`. */
  kind: string
  name: string
  /** `warned`, `paused` or `resumed`. */
  state: string
  /** For people. */
  reason: string
  /** JSON of the figures that it rests on. */
  facts: string
  since: Int
}

/** What is wrong, or was a while ago, and what the operator was told of it. */
export interface AlertTable {
  /** Empty: of what all nodes share. */
  node: string
  trouble: string
  ailment: string
  subject: string
  /** For people. */
  why: string
  /** Lines. */
  fix: string
  is_open: Int
  since: Int
  /** The letter that has still to be sent: empty, `raised` or `cleared`. */
  owed: string
  /** What the last letter said. */
  told: string
  told_at: IntOrNull
  version: Int
}
