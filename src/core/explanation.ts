//
// Owns: the shape of an explanation: what happened to a message, who is at fault, what to do, what happens next.
// Keys are snake_case and times ISO 8601: REST and command line show the same object.

import type { Blame, BounceReason } from './failure.ts'
import type { DeliveryState } from './message.ts'

export interface Explanation {
  readonly message_id: string
  /** One sentence over all recipients. */
  readonly summary: string
  readonly recipients: readonly RecipientExplanation[]
}

export interface RecipientExplanation {
  readonly recipient: string
  readonly status: DeliveryState
  /** In plain words, the end first. */
  readonly what_happened: string
  /** Null while nothing went wrong. */
  readonly at_fault: {
    readonly blame: Blame
    readonly reason: BounceReason
    readonly enhanced_code: string | null
    readonly in_words: string
  } | null
  /** Null when there is nothing to do. */
  readonly what_to_do: string | null
  readonly what_happens_next: string
  readonly next_attempt_at: string | null
  readonly timeline: readonly TimelineEntry[]
}

export interface TimelineEntry {
  readonly at: string
  readonly text: string
  /** What was said, a line each; only of attempts, for as long as their evidence is kept. */
  readonly transcript?: readonly string[]
}
