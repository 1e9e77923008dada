//
// Owns: a message as MailWok's API tells of it, for vendors to put in their own words. Pure.

import type { messageView } from '../api/view.ts'

/** GET /v1/email/{id}. */
export type NativeMessage = ReturnType<typeof messageView>
export type NativeEvent = NativeMessage['events'][number]

/** GET /v1/email/{id}/content. */
export interface NativeContent {
  readonly html: string | null
  readonly text: string | null
}

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

/** The Message-ID field of what went out. */
export const messageIdField = ({ message_id, from }: Pick<NativeMessage, 'message_id' | 'from'>): string =>
  `<${message_id}@${from.slice(from.lastIndexOf('@') + 1)}>`
