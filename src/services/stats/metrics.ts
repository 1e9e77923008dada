//
// Owns: what one event counts as. The names stand in the store: they are added to, never changed. Pure.

import type { MachineVerdict, MailEvent } from '../../core/event.ts'
import { bucketOf } from './took.ts'

/** Deliveries by how long they took: `took.` and the number of the bucket. */
export const TOOK = 'took.'
/** Refusals by what and why: `bounced.hard.mailbox_unknown`. */
export const BOUNCED = 'bounced.'
/** Those of them that came back as a message after the receiver had taken it. */
export const BOUNCED_LATE = 'bounced_late'

export function metricsOf(event: MailEvent): readonly string[] {
  switch (event.type) {
    case 'email.queued':
      return ['sent']
    case 'email.delivered':
      return ['delivered', `${TOOK}${bucketOf(event.elapsed)}`]
    case 'email.deferred':
      return ['deferred']
    case 'email.bounced': {
      const bounced = `${BOUNCED}${event.failure.type}.${event.failure.reason}`
      return event.late === true ? [bounced, BOUNCED_LATE] : [bounced]
    }
    case 'email.opened':
      return [`opened.${readerOf(event)}`]
    case 'email.clicked':
      return [`clicked.${readerOf(event)}`]
    case 'email.complained':
      return ['complained']
    case 'email.unsubscribed':
      return ['unsubscribed']
    case 'email.failed':
      return ['failed']
    case 'email.suppressed':
      return ['suppressed']
    case 'email.cancelled':
      return ['cancelled']
    default:
      return event satisfies never
  }
}

export type Reader = 'human' | 'unknown' | 'machine'

const readerOf = ({ machine }: MachineVerdict): Reader =>
  machine === null ? 'unknown' : machine ? 'machine' : 'human'
