//
// Owns: the log as its followers see it. Webhooks, statistics and suppression each read on from where they stopped.
// Never: what a follower makes of an event.

import type { Brand } from '../core/brand.ts'
import type { LogEvent, LogEventType } from '../core/event.ts'
import type { Result } from '../core/result.ts'
import type { StoreFault } from './store-fault.ts'

export interface LogStore {
  /**
   * Events after `after` in the order of their commits; never one that something still to be committed could go
   * before (decision 11). The cursor of the last one is where to go on.
   */
  read(after: LogCursor, limit: number): Promise<readonly LogEntry[]>
  /** The same for who wants a few of them: `limit` events are looked at, and those that are not wanted are not read. */
  pick(after: LogCursor, limit: number, wish: LogWish): Promise<LogStretch>
  /** The event at this place and those before it, the newest first: what a follower has behind it. */
  before(place: LogCursor, limit: number): Promise<readonly LogEntry[]>
  /** How far this follower has come; the beginning of the log if it is new. */
  cursor(follower: string): Promise<LogCursor>
  /** By itself. Who has effects in the store writes `cursorWrite` of store/log.ts in the same commit as those. */
  saveCursor(follower: string, cursor: LogCursor): Promise<Result<void, StoreFault>>
  /** By itself, for who has no effects in the store; `overtaken` when the follower stands elsewhere by now. */
  advance(step: LogStep): Promise<Result<'done' | 'overtaken', StoreFault>>
}

export interface LogWish {
  readonly types: readonly LogEventType[]
  /** Beside these, success that a submitter has still to be told of (RFC 3461). */
  readonly owedSuccess?: boolean
}

export interface LogStretch {
  readonly entries: readonly LogEntry[]
  /** So many events were looked at; fewer than the limit: there are no more. */
  readonly looked: number
  /** Up to here. */
  readonly to: LogCursor
}

/** A follower's move: it counts only while the follower still stands at `from`. */
export interface LogStep {
  readonly follower: string
  readonly from: LogCursor
  readonly to: LogCursor
}

/** A place in the log. Opaque: each engine has its own way to say it. */
export type LogCursor = Brand<string, 'LogCursor'>
/** Before the first event. */
export const LOG_START = '' as LogCursor

export interface LogEntry {
  readonly cursor: LogCursor
  readonly event: LogEvent
}
