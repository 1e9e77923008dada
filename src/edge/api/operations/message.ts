//
// Owns: what the routes of /v1/email/send, /{id}, /{id}/explain and /{id}/content say of themselves.

import { t } from 'elysia'
import { REFUSAL_CODES } from '../../../services/submission/refusal.ts'
import { operation } from '../operation.ts'
import { words } from '../schema/answers.ts'
import { Content, Explained, Message, MessagePath, Sent } from '../schema/message-answers.ts'

/** Of mail that is spoken over SMTP alone. */
const BY_SMTP_ALONE: readonly string[] = ['invalid_sender', 'mail_loop']

export const IdempotencyHeader = t.Object({
  'idempotency-key': t.Optional(
    t.String({
      minLength: 1,
      maxLength: 256,
      description: 'Repeat the request with it for 24 hours as often as you like: it is done once.',
      examples: ['order-4711'],
    }),
  ),
})

export const SEND = operation({
  summary: 'Send a message',
  description:
    'Every recipient gets a copy of their own. The answer comes after the message is on the disk, never before.\n\n`data` has the values of merge tags such as `{{ name }}`; without it nothing is merged.',
  headers: IdempotencyHeader,
  bodyExample: {
    from: 'Shop <shop@example.com>',
    to: 'ada@example.net',
    subject: 'Your order is on its way',
    html: '<p>Hello {{ name }}, it left this morning.</p>',
    data: { name: 'Ada' },
    tags: ['order'],
  },
  answers: {
    200: {
      description: 'Accepted: it will be delivered, or you will be told why not.',
      schema: Sent,
      example: {
        success: true,
        message_id: 'msg_mwsuuzu20001',
        status: 'queued',
        estimated_delivery: '<200ms',
      },
    },
  },
  problems: REFUSAL_CODES.filter((code) => !BY_SMTP_ALONE.includes(code)),
})

export const GET_MESSAGE = operation({
  summary: 'Get a message',
  description: 'What became of it: each recipient with every attempt, and the events.',
  params: MessagePath,
  answers: { 200: { description: 'The message.', schema: Message } },
  problems: ['not_found'],
})

export const EXPLAIN = operation({
  summary: 'Explain a message',
  description: 'What happened, who is at fault, what to do and what comes next, in plain words for people.',
  params: MessagePath,
  answers: {
    200: {
      description: 'For people; programs go by `status`, `at_fault.reason` and `next_attempt_at`.',
      schema: Explained,
    },
  },
  problems: ['not_found'],
})

export const PARTS = ['html', 'text', 'raw'] as const
export const ContentQuery = t.Object({
  part: t.Optional(words(PARTS, 'That alone, as it is; `raw` is the whole message, signed.')),
  recipient: t.Optional(
    t.String({ description: 'Whose copy; usually the first recipient’s.', examples: [] }),
  ),
})

export const GET_CONTENT = operation({
  summary: 'Get the content of a message',
  description: 'One recipient’s copy, as it went out or will. It is removed after `retention.content`.',
  params: MessagePath,
  query: ContentQuery,
  answers: {
    200: { description: 'The copy; with `part` that part alone, under its own media type.', schema: Content },
  },
  problems: ['not_found'],
})
