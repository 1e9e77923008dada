//
// Owns: the log as users read it: the events of one account, page by page, and what of their messages belongs to them.
// Never: how they are told.

import type { LogEventType } from '../core/event.ts'
import type { AccountId, EventId, MessageId } from '../core/ids.ts'
import type { Message } from '../core/message.ts'
import type { Milliseconds } from '../core/time.ts'
import type { LogCursor, LogEntry } from './log-store.ts'

export interface EventStore {
  /** In the order of commits. A page may be short, even empty, where little fits: `next` says where to go on. */
  page(ask: EventAsk): Promise<EventPage>
  /** Where the log ends now: what is committed from here on comes behind it. */
  end(): Promise<LogCursor>
  /** Missing ids are simply absent. */
  messageFacts(ids: readonly MessageId[]): Promise<ReadonlyMap<MessageId, EventMessage>>
}

/** What stands in the message of an event. */
export type EventMessage = Pick<
  Message,
  'tags' | 'custom' | 'mode' | 'from' | 'subject' | 'stream' | 'createdAt'
>

export interface EventAsk {
  readonly account: AccountId
  readonly order: 'asc' | 'desc'
  /** Null: from the beginning, or the end. */
  readonly after: LogCursor | null
  readonly limit: number
  /** Of this message alone. */
  readonly messageId: MessageId | null
  /** Empty: all. */
  readonly types: readonly LogEventType[]
  /** As it stands in the event. */
  readonly recipient: string | null
  /** Happened at or after, and before. */
  readonly since: Milliseconds | null
  readonly until: Milliseconds | null
  readonly id?: EventId
}

export interface EventPage {
  readonly entries: readonly LogEntry[]
  /** The last place that was looked at; null: nothing lies behind the place that was asked from. */
  readonly next: LogCursor | null
  /** There is nothing more at this moment. */
  readonly isEnd: boolean
}
