//
// Owns: messages and entries of the suppression list as MailWok's API tells of them, for vendors to put in their own
// words. Pure.

import { parseMessageId, timeOf } from '../../core/ids.ts'
import type { EntryView } from '../../services/suppression/by-hand.ts'
import type { messageView } from '../api/view.ts'

/** GET /v1/email/{id}. */
export type NativeMessage = ReturnType<typeof messageView>
export type NativeEvent = NativeMessage['events'][number]
export type NativeState = NativeMessage['status']

/** GET /v1/email/{id}/content. */
export interface NativeContent {
  readonly html: string | null
  readonly text: string | null
}

/** GET /v1/email. */
export interface NativePage {
  readonly data: readonly NativeFound[]
  readonly has_more: boolean
}
interface NativeFound extends Omit<Listed, 'to'> {
  readonly recipients: readonly { readonly recipient: string }[]
}

/** GET /v1/suppressions. */
export interface NativeEntries {
  readonly data: readonly EntryView[]
  /** Null: that was all. */
  readonly next: string | null
}

/** What both a message and a line of the list tell. */
export interface Listed
  extends Pick<
    NativeMessage,
    'message_id' | 'status' | 'from' | 'subject' | 'stream' | 'tags' | 'test' | 'created_at' | 'scheduled_at'
  > {
  readonly to: readonly string[]
}

export const listedOf = ({ recipients, ...found }: NativeFound): Listed => ({
  ...found,
  to: recipients.map(({ recipient }) => recipient),
})

/** What happened last that has a name in `words`; null: nothing of that. */
export function lastOf<W>(
  events: readonly NativeEvent[],
  words: Readonly<Partial<Record<NativeEvent['event'], W>>>,
): W | null {
  for (const { event } of events.toReversed()) {
    const word = words[event]
    if (word !== undefined) return word
  }
  return null
}

/** The Message-ID field of what went out, without its angle brackets. */
export const fieldOf = ({ message_id, from }: Pick<NativeMessage, 'message_id' | 'from'>): string =>
  `${message_id}@${from.slice(from.lastIndexOf('@') + 1)}`

/** Where it is looked up. What a client sends as an id, with whatever tail it has seen there, becomes no other path. */
export function pathOf(id: string): string {
  const [own = 'none'] = /^<?msg_[0-9a-z]{12}(?![0-9a-z])/.exec(id) ?? []
  return `/v1/email/${own.replace('<', '')}`
}

/** When it was accepted: ids begin with it. */
export function acceptedAt(id: string): Date {
  const parsed = parseMessageId(id)
  return new Date(parsed === null ? 0 : timeOf(parsed))
}
