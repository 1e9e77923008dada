//
// Owns: what PATCH /v1/email/{id}, its cancel and its retry say of themselves.

import { operation } from '../operation.ts'
import { MessagePath } from '../schema/message-answers.ts'
import { Cancelled, Rescheduled, Retried } from '../schema/steering.ts'

const COPY = { message_id: 'msg_mwsuuzu20001', scheduled_at: '2027-01-15T09:00:00.000Z' } as const

export const RESCHEDULE = operation({
  summary: 'Reschedule a message',
  description:
    'Another time for a message that was sent with `scheduled_at` and that nobody has begun to deliver: all of its recipients, or none. A time that is past by an hour at most is now.',
  params: MessagePath,
  bodyExample: { scheduled_at: '2027-01-15T10:00:00+01:00' },
  answers: {
    200: {
      description: 'It leaves at that time, and its header says so.',
      schema: Rescheduled,
      example: {
        success: true,
        ...COPY,
        status: 'scheduled',
        rescheduled: 1,
        recipients: [{ recipient: 'ada@example.net', status: 'scheduled' }],
      },
    },
  },
  problems: ['not_found', 'already_begun', 'live_key_required', 'storage_busy', 'storage_unavailable'],
})

export const CANCEL = operation({
  summary: 'Cancel a message',
  description:
    'Ends what waits, scheduled or not, with an `email.cancelled` for each recipient. What is being delivered at this moment, and what was delivered, stays as it is: each recipient says which.',
  params: MessagePath,
  answers: {
    200: {
      description: 'How many were cancelled by this request, and where each recipient stands.',
      schema: Cancelled,
      example: {
        success: true,
        ...COPY,
        status: 'cancelled',
        cancelled: 1,
        recipients: [{ recipient: 'ada@example.net', status: 'cancelled' }],
      },
    },
  },
  problems: ['not_found', 'nothing_waits', 'live_key_required', 'storage_unavailable'],
})

export const RETRY = operation({
  summary: 'Retry a message',
  description:
    'What waits for another attempt, and what is held, is due now. What is scheduled keeps its time, and what has its end keeps that.',
  params: MessagePath,
  answers: {
    200: {
      description: 'How many are due now, and where each recipient stands.',
      schema: Retried,
      example: {
        success: true,
        ...COPY,
        scheduled_at: null,
        status: 'queued',
        retried: 1,
        recipients: [{ recipient: 'ada@example.net', status: 'queued' }],
      },
    },
  },
  problems: ['not_found', 'nothing_waits', 'live_key_required', 'storage_unavailable'],
})
