//
// Owns: whether whoever submitted a message hears of its end by mail (RFC 3461), in a sentence. Pure.
// Never: sends it; services/notices does, by the same rules.

import type { Case, Reporting } from './case.ts'

/** Null where nobody would expect one. */
export function reportOn(
  { delivery, events, message }: Case,
  { mode, isOwnAddress }: Reporting,
): string | null {
  const wish = delivery.dsn?.notify
  const isOver =
    delivery.state === 'bounced' || delivery.state === 'suppressed' || delivery.state === 'cancelled'
  if (message.source !== 'smtp' || message.mode === 'test') return null
  if (delivery.state === 'delivered') return successOn(events, message.reversePath)
  if (!isOver) return null
  const wanted = wish === undefined ? mode === 'always' : wish.includes('FAILURE')
  if (!wanted) {
    return wish === undefined
      ? 'Its submitter gets no report of it by mail: none was asked for (NOTIFY).'
      : `Its submitter gets no report of it by mail, as was wished (NOTIFY=${wish.join(',')}).`
  }
  if (mode === 'never')
    return 'Its submitter gets no report of it by mail: submission.bounce_messages is "never".'
  if (message.reversePath === null)
    return 'Nobody gets a report of it by mail: it was submitted with a null reverse-path.'
  if (!isOwnAddress) {
    return `${message.reversePath} gets no report of it by mail: that is no address of a domain of the account.`
  }
  return `A report of it goes by mail to ${message.reversePath}.`
}

function successOn(events: Case['events'], to: string | null): string | null {
  const delivered = events.findLast((event) => event.type === 'email.delivered')
  if (delivered?.type !== 'email.delivered' || delivered.dsn === undefined || to === null) return null
  return delivered.dsn === 'owed'
    ? `A report that it was passed on goes by mail to ${to}.`
    : 'The receiver was asked to report its delivery.'
}
