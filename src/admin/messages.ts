//
// Owns: looking through recent mail, and at what a recipient got.

import { messageOf, parseMessageId, timeOf } from '../core/ids.ts'
import type { Delivery, DeliveryState, Message } from '../core/message.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Contents } from '../services/contents/contents.ts'
import { wordsOf } from '../services/contents/words.ts'
import type { MessageStore } from '../store/store.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { iso, noSuchMessage, notAnId } from './faults.ts'
import type { MessageContentAsk, MessageCopy, MessageListAsk, MessageRow } from './message-rows.ts'

export interface MessageParts {
  readonly messages: MessageStore
  readonly contents: Pick<Contents, 'copy'>
}

const STATES = [
  'queued',
  'held',
  'delivered',
  'bounced',
  'suppressed',
  'cancelled',
  'failed',
] as const satisfies readonly DeliveryState[]

export const messageActions = (
  parts: MessageParts,
): Pick<AdminActions, 'messageList' | 'messageContent'> => ({
  messageList: (ask) => list(parts, ask),
  messageContent: (ask) => content(parts, ask),
})

async function list(
  { messages }: MessageParts,
  { recipient, state: word, limit }: MessageListAsk,
): ReturnType<AdminActions['messageList']> {
  const state = STATES.find((one) => one === word) ?? null
  if (word !== null && state === null) {
    const message = `--state is ${JSON.stringify(word)}; want one of ${STATES.join(', ')}`
    return fault({ code: 'usage', message })
  }
  const { found, lookedTo } = await messages.recent({ recipient, state, limit })
  const ids = [...new Set(found.map(({ messageId }) => messageId))]
  const facts = new Map<Message['id'], Message | null>()
  for (const id of ids) facts.set(id, await messages.get(id, null))
  const rows = found.flatMap((delivery) => rowOf(delivery, facts.get(delivery.messageId) ?? null))
  return ok({ messages: rows, looked_to: lookedTo === null ? null : iso(timeOf(messageOf(lookedTo))) })
}

/** None when retention was quicker. */
function rowOf({ recipient, state }: Delivery, message: Message | null): readonly MessageRow[] {
  if (message === null) return []
  const { id, createdAt, from, subject, mode } = message
  const accepted_at = iso(createdAt)
  return [{ message_id: id, accepted_at, state, recipient, from, subject, test: mode === 'test' }]
}

async function content(
  { contents, messages }: MessageParts,
  { id: text, part, recipient }: MessageContentAsk,
): Promise<Result<MessageCopy, AdminFault>> {
  const id = parseMessageId(text)
  if (id === null) return fault(notAnId(text))
  // Null: the operator sees mail of every account.
  const message = await messages.get(id, null)
  if (message === null) return fault(noSuchMessage(text))
  const copy = await contents.copy(message, recipient)
  if (!copy.ok) return fault({ code: `content_${copy.error.why}`, message: copy.error.say })
  const { bytes, delivery, source } = copy.value
  const head = { message_id: id, recipient: delivery.recipient, source, part }
  if (part === 'raw') return ok({ ...head, encoding: 'base64', content: bytes.toString('base64') })
  const words = wordsOf(bytes, part)
  if (words !== null) return ok({ ...head, encoding: 'utf-8', content: words })
  return fault({ code: 'no_such_part', message: `${id} has no ${part} part; --raw shows all of it` })
}
