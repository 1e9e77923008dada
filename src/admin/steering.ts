//
// Owns: giving a message another time, cancelling and retrying it, as the operator does: for any account.

import { parseMessageId } from '../core/ids.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Steered, Steering, SteeringFault, SteeringHand } from '../services/scheduling/steering.ts'
import { parseScheduledAt } from '../services/submission/scheduled-at.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { isoOrNull, noSuchMessage, notAnId, storeFault } from './faults.ts'
import type { SteeredRow } from './message-rows.ts'

export interface SteeringActionParts {
  readonly steering: Steering
  readonly clock: Clock
}

/** The operator's reaches everybody's. */
const HAND: SteeringHand = { accountId: null, mode: 'live' }

export function steeringActions({
  clock,
  steering,
}: SteeringActionParts): Pick<AdminActions, 'messageCancel' | 'messageRetry' | 'messageReschedule'> {
  return {
    messageCancel: ({ id }) => steer(id, (named) => steering.cancel(named, HAND)),
    messageRetry: ({ id }) => steer(id, (named) => steering.retry(named, HAND)),
    async messageReschedule({ id, at }) {
      const time = at === 'now' ? ok(null) : parseScheduledAt(at, clock.now())
      if (!time.ok) return fault({ code: 'invalid_time', message: `the time ${time.error.message}` })
      return steer(id, (named) => steering.reschedule(named, HAND, time.value))
    },
  }
}

type Named = NonNullable<ReturnType<typeof parseMessageId>>

async function steer(
  text: string,
  move: (id: Named) => Promise<Result<Steered, SteeringFault>>,
): Promise<Result<SteeredRow, AdminFault>> {
  const id = parseMessageId(text)
  if (id === null) return fault(notAnId(text))
  const done = await move(id)
  return done.ok ? ok(rowOf(done.value)) : fault(faultOf(done.error, id))
}

const rowOf = ({ message, moved, copies }: Steered): SteeredRow => ({
  message_id: message.id,
  scheduled_at: isoOrNull(message.scheduledAt ?? null),
  moved,
  recipients: copies.map(({ delivery, state }) => ({ recipient: delivery.recipient, status: state })),
})

function faultOf(error: SteeringFault, id: string): AdminFault {
  switch (error) {
    case 'unknown':
    case 'live-mail':
      return noSuchMessage(id)
    case 'begun':
      return {
        code: 'already_begun',
        message: `${id} was not scheduled, or has been begun: it has no time to change; see mailwok message show ${id}`,
      }
    case 'nothing-waits':
      return {
        code: 'nothing_waits',
        message: `every recipient of ${id} has an end; see mailwok message show ${id}`,
      }
    case 'scheduled':
      return {
        code: 'scheduled',
        message: `${id} waits for its time; to send it now: mailwok message reschedule ${id} now`,
      }
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
