//
// Owns: the words of the suppression list: who must not be written to, by whose mail, and why.

import type { AccountId, EventId } from './ids.ts'
import type { Milliseconds } from './time.ts'

/** `''`: all streams. `marketing`: that stream. `list:<id>`: one list. */
export type SuppressionScope = '' | 'marketing' | `list:${string}`

export type SuppressionReason = 'hard_bounce' | 'complaint' | 'unsubscribe' | 'manual' | 'import'

export interface Suppression {
  readonly accountId: AccountId
  /** As compared: lower case. */
  readonly recipient: string
  readonly scope: SuppressionScope
  readonly reason: SuppressionReason
  /** What caused it; null for entries made by hand. */
  readonly eventId: EventId | null
  /** For people: the receiver's words, or who made it and why. */
  readonly note: string
  readonly createdAt: Milliseconds
  /** Null: for ever. */
  readonly expiresAt: Milliseconds | null
}
