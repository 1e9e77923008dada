// Owns: what the composition root gives to either engine.

import type { Clock, Log, Meter } from '../core/ports.ts'

export interface StoreOptions {
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** How much may wait for a commit before writes are refused as `busy`. */
  readonly inboxBytes?: number
}

/** 64 MB: two and a half of the largest messages, or some 10,000 ordinary ones; beyond it waiting helps nobody. */
export const DEFAULT_INBOX_BYTES = 64 * 1024 * 1024
