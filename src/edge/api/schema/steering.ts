//
// Owns: what PATCH /v1/email/{id}, its cancel and its retry take and answer, as schemas.

import { t } from 'elysia'
import { done, instant, nullable, words } from './answers.ts'
import { messageId, STATES, state } from './message-answers.ts'

export const RescheduleBody = t.Object(
  {
    scheduled_at: t.String({
      maxLength: 60,
      description: 'a time with its offset such as "2027-01-15T10:30:00Z", at most a year ahead',
    }),
  },
  { additionalProperties: false },
)

const copies = t.Array(
  t.Object({
    recipient: t.String(),
    status: words(
      [...STATES, 'under_way'] as const,
      '`under_way`: a node has it, and it is being delivered or about to be.',
    ),
  }),
)

const about = { message_id: messageId, status: state, scheduled_at: nullable(instant()), recipients: copies }

export const Rescheduled = done({ ...about, rescheduled: t.Integer({ minimum: 0 }) })
export const Cancelled = done({ ...about, cancelled: t.Integer({ minimum: 0 }) })
export const Retried = done({ ...about, retried: t.Integer({ minimum: 0 }) })
