//
// Owns: what /v1/email/batch and /v1/email/raw say of themselves.

import { t } from 'elysia'
import { REFUSAL_CODES } from '../../../services/submission/refusal.ts'
import { operation } from '../operation.ts'
import { done, instant, whole } from '../schema/answers.ts'
import { MAX_MESSAGES } from '../schema/batch.ts'
import { messageId } from '../schema/message-answers.ts'
import { IdempotencyHeader } from './message.ts'

const Refused = t.Object({
  success: t.Literal(false),
  error: t.Object({
    code: t.String({ description: 'As of a send that is refused.' }),
    message: t.String(),
    fields: t.Array(t.Object({ path: t.String(), code: t.String(), message: t.String() })),
  }),
})

const BatchSent = done({
  accepted: whole({ minimum: 0, description: 'How many messages were.' }),
  refused: whole({ minimum: 0 }),
  data: t.Array(
    t.Union([
      done({
        message_id: messageId,
        status: t.String({ description: '`queued`, `scheduled` or `suppressed`.' }),
        scheduled_at: t.Optional(instant()),
      }),
      Refused,
    ]),
    { description: 'One for each message, in their order.' },
  ),
})

/** Of mail that is spoken over SMTP, and of a whole message that comes as it is. */
const OF_RAW = ['invalid_sender', 'mail_loop']

export const SEND_BATCH = operation({
  summary: 'Send many messages',
  description: `Up to ${MAX_MESSAGES} in one request of at most 50 MB. What stands beside \`messages\` is for all of them; what a message has itself replaces it, and \`data\` are laid over each other name by name. Content that messages have in common is stored once, and merged with each one’s \`data\`.\n\n\`permissive\` (the default) accepts what is good and says of each other message why not; \`strict\` accepts all or none. Either way all that is accepted is on the disk before the answer, in one commit. An \`Idempotency-Key\` is for the whole batch.`,
  headers: IdempotencyHeader,
  bodyExample: {
    from: 'Shop <shop@example.com>',
    subject: 'Your order {{ order }}',
    html: '<p>Hello {{ name }}, order {{ order }} left this morning.</p>',
    messages: [
      { to: 'ada@example.net', data: { name: 'Ada', order: '4711' } },
      { to: 'grace@example.net', data: { name: 'Grace', order: '4712' }, tags: ['vip'] },
    ],
  },
  answers: {
    200: {
      description: 'What became of each message; look at `refused`.',
      schema: BatchSent,
      example: {
        success: true,
        accepted: 1,
        refused: 1,
        data: [
          { success: true, message_id: 'msg_mwsuuzu20001', status: 'queued' },
          {
            success: false,
            error: {
              code: 'template_error',
              message: 'subject, line 1, column 12: variable "order" has no value',
              fields: [
                { path: 'data.order', code: 'missing_variable', message: 'variable "order" has no value' },
              ],
            },
          },
        ],
      },
    },
  },
  problems: REFUSAL_CODES.filter((code) => !OF_RAW.includes(code)),
})
