//
// Owns: counting what may arrive twice, because nobody can know whether the receiver took it (docs/delivery.md, at least
// once): a reply that got lost, a worker that died, this process that was killed.

import type { DeliveryId } from '../../core/ids.ts'
import type { AttemptOutcome } from '../../core/outcome.ts'
import type { Log, Meter } from '../../core/ports.ts'
import type { MessageStore } from '../../store/store.ts'

/** An order that was with a worker: so many attempts had been stored then. */
export interface LeftOver {
  readonly deliveryId: DeliveryId
  readonly attempts: number
}

/** What is with workers at this moment, kept where it outlives this process. */
export interface UnderWay {
  /** From the process before this one. */
  readonly left: readonly LeftOver[]
  /** Returns its place. */
  began(order: LeftOver): number
  /** Its outcome is in the store. */
  ended(place: number): void
  close(): void
}

export const NOT_KEPT: UnderWay = {
  left: [],
  began: () => 0,
  ended: () => undefined,
  close: () => undefined,
}

type Cause = 'lost_reply' | 'worker' | 'crash'

export const countDoubtful = (meter: Meter, cause: Cause, count = 1): void =>
  meter.count('deliveries_possibly_doubled_total', count, { cause })

export function countAttempt(meter: Meter, outcome: AttemptOutcome): void {
  meter.count('attempts_total', 1, { outcome: outcome.kind })
  if (outcome.kind === 'deferred' && outcome.cause.kind === 'uncertain') countDoubtful(meter, 'lost_reply')
}

/** Names in the log. */
const NAMED = 20

export interface AfterCrashParts {
  readonly underWay: Pick<UnderWay, 'left'>
  readonly contents: Pick<MessageStore, 'delivery'>
  readonly log: Log
  readonly meter: Meter
}

/** At the start, before anything is sent: of those that were with workers, whose outcome never got into the store. */
export async function tellAfterCrash({ underWay, contents, log, meter }: AfterCrashParts): Promise<void> {
  if (underWay.left.length === 0) return
  const found = await Promise.all(underWay.left.map(({ deliveryId }) => contents.delivery(deliveryId)))
  const doubtful = underWay.left.filter(({ attempts }, at) => {
    const now = found[at]
    return now?.state === 'queued' && now.attempts === attempts
  })
  if (doubtful.length === 0) return
  countDoubtful(meter, 'crash', doubtful.length)
  log.warn(
    'these were being sent when the process before this one ended; they are sent again and may arrive twice',
    {
      count: doubtful.length,
      deliveries: doubtful
        .slice(0, NAMED)
        .map(({ deliveryId }) => deliveryId)
        .join(' '),
    },
  )
}
