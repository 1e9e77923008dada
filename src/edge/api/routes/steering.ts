//
// Owns: PATCH /v1/email/{id}, /cancel and /retry: what a sender does to mail that waits.

import { Elysia } from 'elysia'
import { parseMessageId } from '../../../core/ids.ts'
import { fault, type Result } from '../../../core/result.ts'
import type { Steered, SteeringFault, SteeringHand } from '../../../services/scheduling/steering.ts'
import type { FieldFault } from '../../../services/submission/refusal.ts'
import { parseScheduledAt, sayTime } from '../../../services/submission/scheduled-at.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import { CANCEL, RESCHEDULE, RETRY } from '../operations/steering.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, noSuch, type Problem } from '../problem.ts'
import { say } from '../say.ts'
import { RescheduleBody } from '../schema/steering.ts'
import { overall } from '../view.ts'

export function steeringRoutes(
  parts: Pick<ApiParts, 'steering' | 'clock' | 'ids'>,
  callerOf: (request: Request) => Caller,
) {
  const { steering } = parts
  const handOf = (request: Request): SteeringHand => {
    const { accountId, mode } = callerOf(request).key
    return { accountId, mode }
  }
  return new Elysia({ prefix: '/v1/email', name: 'steering', normalize: false })
    .patch(
      '/:id',
      async ({ body, params, request, set }) => {
        const named = params.id ?? ''
        const at = parseScheduledAt(body.scheduled_at, parts.clock.now())
        if (!at.ok) return say(badTime(at.error), set, parts.ids)
        const id = parseMessageId(named)
        const done = id ? await steering.reschedule(id, handOf(request), at.value) : UNKNOWN
        if (!done.ok) return say(problemOf(done.error, named, 'reschedule'), set, parts.ids)
        return { success: true, ...viewOf(done.value), rescheduled: done.value.moved } as const
      },
      { body: RescheduleBody, ...RESCHEDULE },
    )
    .post(
      '/:id/cancel',
      async ({ params, request, set }) => {
        const named = params.id ?? ''
        const id = parseMessageId(named)
        const done = id ? await steering.cancel(id, handOf(request)) : UNKNOWN
        if (!done.ok) return say(problemOf(done.error, named, 'cancel'), set, parts.ids)
        return { success: true, ...viewOf(done.value), cancelled: done.value.moved } as const
      },
      { ...CANCEL },
    )
    .post(
      '/:id/retry',
      async ({ params, request, set }) => {
        const named = params.id ?? ''
        const id = parseMessageId(named)
        const done = id ? await steering.retry(id, handOf(request)) : UNKNOWN
        if (!done.ok) return say(problemOf(done.error, named, 'retry'), set, parts.ids)
        return { success: true, ...viewOf(done.value), retried: done.value.moved } as const
      },
      { ...RETRY },
    )
}

const UNKNOWN: Result<never, SteeringFault> = fault('unknown')

const viewOf = ({ message, copies }: Steered) => ({
  message_id: message.id,
  status: overall(copies.map(({ state }) => (state === 'under_way' ? 'queued' : state))),
  scheduled_at: message.scheduledAt === undefined ? null : sayTime(message.scheduledAt),
  recipients: copies.map(({ delivery, state }) => ({ recipient: delivery.recipient, status: state })),
})

const badTime = ({ code, message }: Pick<FieldFault, 'code' | 'message'>): Problem => ({
  code: 'validation_failed',
  message: `scheduled_at ${message}.`,
  fields: [{ path: 'scheduled_at', code, message }],
})

function problemOf(error: SteeringFault, named: string, what: 'reschedule' | 'cancel' | 'retry'): Problem {
  switch (error) {
    case 'unknown':
      return noSuch('message', named)
    case 'live-mail':
      return {
        code: 'live_key_required',
        message: `That message is live mail; a test key may not ${what} it. Use a live key.`,
      }
    case 'begun':
      return {
        code: 'already_begun',
        message:
          'Only a message that was sent with scheduled_at, and that nobody has begun to deliver, can be given another time.',
      }
    case 'nothing-waits':
      return {
        code: 'nothing_waits',
        message: `There is nothing to ${what}: every recipient of that message has an end.`,
      }
    case 'scheduled':
      return {
        code: 'nothing_waits',
        message: 'That message waits for its time; to send it now, give it that time with PATCH.',
      }
    case 'full':
    case 'busy':
    case 'unavailable':
      return fromRefusal(storeRefusal(error))
    default:
      return error satisfies never
  }
}
