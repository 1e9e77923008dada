//
// Owns: what events count as. The names stand in the store: they are added to, never changed. Pure.

import type { StatGroup } from '../../store/stats-store.ts'

/** Deliveries by how long they took: `took.` and the number of the bucket. */
export const TOOK = 'took.'
/** Refusals by what and why: `bounced.hard.mailbox_unknown`. */
export const BOUNCED = 'bounced.'
/** Those of them that came back as a message after the receiver had taken it. */
export const BOUNCED_LATE = 'bounced_late'

/** What came back after it was taken says so behind its reason. */
const LATE = '.late'

export function metricsOf({ type, what }: Pick<StatGroup, 'type' | 'what'>): readonly string[] {
  switch (type) {
    case 'email.queued':
      return ['sent']
    case 'email.delivered':
      return ['delivered', `${TOOK}${what}`]
    case 'email.deferred':
      return ['deferred']
    case 'email.bounced': {
      const why = what ?? ''
      const isLate = why.endsWith(LATE)
      const bounced = `${BOUNCED}${isLate ? why.slice(0, -LATE.length) : why}`
      return isLate ? [bounced, BOUNCED_LATE] : [bounced]
    }
    case 'email.opened':
      return [`opened.${readerOf(what)}`]
    case 'email.clicked':
      return [`clicked.${readerOf(what)}`]
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
      return type satisfies never
  }
}

export type Reader = 'human' | 'unknown' | 'machine'

const readerOf = (machine: string | null): Reader =>
  machine === null ? 'unknown' : machine === '1' ? 'machine' : 'human'

/** That mail came back after it was taken. */
export const isLate = ({ type, what }: Pick<StatGroup, 'type' | 'what'>): boolean =>
  type === 'email.bounced' && (what ?? '').endsWith(LATE)
