//
// Owns: looking through recent mail, and at what a recipient got.

import { parseMessageId, timeOf } from '../core/ids.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import { type Milliseconds, SECOND } from '../core/time.ts'
import type { Contents } from '../services/contents/contents.ts'
import { wordsOf } from '../services/contents/words.ts'
import { readSearch, SEARCH_STATES } from '../services/search/ask.ts'
import type { Finding } from '../services/search/finding.ts'
import type { FoundMessage } from '../store/search-store.ts'
import type { MessageStore } from '../store/store.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { iso, noSuchMessage, notAnId } from './faults.ts'
import type { MessageContentAsk, MessageCopy, MessageListAsk, MessageRow } from './message-rows.ts'

export interface MessageParts {
  readonly clock: Clock
  readonly messages: MessageStore
  readonly finding: Pick<Finding, 'find'>
  readonly contents: Pick<Contents, 'copy'>
}

/** A person at a terminal waits as long. */
const PATIENCE: Milliseconds = 5 * SECOND

export const messageActions = (
  parts: MessageParts,
): Pick<AdminActions, 'messageList' | 'messageContent'> => ({
  messageList: (ask) => list(parts, ask),
  messageContent: (ask) => content(parts, ask),
})

async function list(
  { clock, finding }: MessageParts,
  { limit, recipient, state: word, ...words }: MessageListAsk,
): ReturnType<AdminActions['messageList']> {
  const state = SEARCH_STATES.find((one) => one === word)
  if (word !== null && state === undefined) {
    const message = `--state is ${JSON.stringify(word)}; want one of ${SEARCH_STATES.join(', ')}`
    return fault({ code: 'usage', message })
  }
  const wanted = { ...words, recipient: recipient ?? undefined, status: state && [state] }
  // Null: the operator sees mail of every account.
  const ask = readSearch(wanted, { account: null, limit, now: clock.now() })
  if (!ask.ok) return fault({ code: 'usage', message: `--${ask.error.path} ${ask.error.message}` })
  const page = await finding.find({ ...ask.value, patience: PATIENCE })
  if (!page.ok)
    return fault({ code: 'busy', message: 'too many searches are under way; try again in a moment' })
  const { found, lookedTo } = page.value
  const messages = found.flatMap(rowsOf)
  return ok({ messages, looked_to: lookedTo === null ? null : iso(timeOf(lookedTo)) })
}

const rowsOf = ({ createdAt, from, id, mode, recipients, subject }: FoundMessage): readonly MessageRow[] =>
  recipients.map(({ recipient, state }) => ({
    message_id: id,
    accepted_at: iso(createdAt),
    state,
    recipient,
    from,
    subject,
    test: mode === 'test',
  }))

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
