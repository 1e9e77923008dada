//
// Owns: what happened to a recipient's copy, in one or two sentences, the end first. Pure.

import type { FailureFacts, MailEvent, PeerFacts } from '../../core/event.ts'
import type { Case } from './case.ts'
import { listName, moment, quoted, span } from './words.ts'

export function happened(one: Case): string {
  const { complaint, delivery } = one
  if (complaint === null) return endOf(one)
  // Sent back and complained of, by one who reads what was forwarded: neither makes the other untrue.
  return delivery.state === 'delivered'
    ? `It was delivered, and on ${complained(complaint)}`
    : `${endOf(one)} On ${complained(complaint)}`
}

function endOf(one: Case): string {
  const { delivery, events, failure } = one
  switch (delivery.state) {
    case 'delivered':
      return deliveredIn(one)
    case 'bounced':
      return bouncedAs(one)
    case 'queued':
      if (failure === null) return 'It was accepted and has not been tried yet.'
      return `${tries(delivery.attempts)} put off. ${lastAnswer(failure, peerIn(events))}`
    case 'held':
      return 'It was set aside: by `mailwok queue hold`, with a revoked key, or because its stored content is damaged.'
    case 'suppressed':
      return suppressedBy(one)
    case 'cancelled':
      return `It was cancelled${after(delivery.attempts)}: ${reasonIn(events) ?? 'the log does not say by whom'}.`
    case 'failed':
      return `It was not attempted: ${reasonIn(events) ?? 'the log does not say why'}.`
    default:
      return delivery.state satisfies never
  }
}

const tries = (count: number): string => (count === 1 ? 'One attempt was' : `${count} attempts were`)
const after = (count: number): string =>
  count === 0
    ? ''
    : ` after ${count} attempt${count === 1 ? '' : 's'} that ${count === 1 ? 'was' : 'were'} put off`

function complained({ at, feedbackType, reporter }: NonNullable<Case['complaint']>): string {
  const by = reporter === null ? '' : `, says ${reporter}`
  return `${moment(at)} the recipient reported it as unwanted (${feedbackType}${by}).`
}

function deliveredIn(one: Case): string {
  const delivered = one.events.find((event) => event.type === 'email.delivered')
  if (delivered?.type !== 'email.delivered') return 'It was delivered.'
  const { untracked } = delivered
  const taken = takenAs(one, delivered)
  return untracked === undefined ? taken : `${taken} Opens and clicks are not counted: ${untracked}.`
}

function takenAs(
  { delivery, message }: Case,
  delivered: Extract<MailEvent, { type: 'email.delivered' }>,
): string {
  const { elapsed, peer, response } = delivered
  const since =
    message.scheduledAt === undefined ? 'it was accepted here' : 'the time for which it was scheduled'
  const when = `${span(elapsed)} after ${since}`
  if (peer.mx === null) {
    const how = message.mode === 'test' ? 'with a test key.' : `without a receiver: ${quoted(response)}`
    return `It was counted as delivered ${when}, ${how} Nothing left this machine.`
  }
  const relay = relayIn(peer)
  if (relay !== null) return `The relay ${relay} took it ${when}, and passes it on.`
  const tried = delivery.attempts > 1 ? `, at attempt ${delivery.attempts}` : ''
  return `${peer.mx} took it ${when}${tried}, and answers for it from then on.`
}

function bouncedAs({ delivery, events, failure }: Case): string {
  if (failure === null) return 'It bounced.'
  const last = events.findLast((event) => event.type === 'email.bounced')
  const late = last?.type === 'email.bounced' && last.late === true
  if (late) return `The receiver took it first and sent it back later. It said: ${quoted(failure.diagnostic)}`
  const peer = peerIn(events)
  if (failure.reason === 'expired') {
    const tried = delivery.attempts === 0 ? ' It was never tried.' : ` ${lastAnswer(failure, peer)}`
    return `It could not be delivered in the time allowed.${tried}`
  }
  if (peer?.mx == null) return `It cannot be delivered: ${failure.diagnostic}.`
  const who = relayIn(peer) === null ? 'The receiver' : `The relay ${relayIn(peer)}`
  const why = failure.type === 'hard' ? ', because the address cannot be used' : ''
  return `${who} refused it for good${why}. It said: ${quoted(failure.diagnostic)}`
}

/** What stopped us was said by somebody, or met by ourselves. */
function lastAnswer({ diagnostic }: FailureFacts, peer: PeerFacts | null): string {
  if (!/^[245]\d\d(?:[ -]|$)/.test(diagnostic)) return `What stood in the way last: ${diagnostic}.`
  const relay = peer === null ? null : relayIn(peer)
  return `The last answer${relay === null ? '' : `, of the relay ${relay},`} was: ${quoted(diagnostic)}`
}

function peerIn(events: readonly MailEvent[]): PeerFacts | null {
  for (const event of events.toReversed()) {
    if (event.type === 'email.bounced' || event.type === 'email.deferred') return event.peer
  }
  return null
}

const relayIn = ({ via }: PeerFacts): string | null =>
  via?.startsWith('relay:') === true ? via.slice('relay:'.length) : null

const BECAUSE: Readonly<Record<string, string>> = {
  hard_bounce: 'mail to it came back',
  complaint: 'its owner complained',
  unsubscribe: 'its owner unsubscribed',
  manual: 'somebody put it there by hand',
  import: 'it was imported',
}

function suppressedBy({ delivery, events, suppressions }: Case): string {
  const event = events.findLast((one) => one.type === 'email.suppressed')
  const by = event?.type === 'email.suppressed' ? event.by : undefined
  if (by === undefined)
    return `It was not sent: ${reasonIn(events) ?? 'the address is on the suppression list'}.`
  const entry = suppressions.find(({ scope, createdAt }) => scope === by.scope && createdAt === by.since)
  const cause = entry?.eventId == null ? '' : `, event ${entry.eventId}`
  const note = entry === undefined || entry.note === '' ? '' : ` The entry says: ${quoted(entry.note)}`
  const stopped = `${delivery.recipient} is on the suppression list (${listName(by.scope)}) since ${moment(by.since)}`
  return `It was not sent${after(delivery.attempts)}: ${stopped}, because ${BECAUSE[by.reason]} (${by.reason}${cause}).${note}`
}

function reasonIn(events: readonly MailEvent[]): string | null {
  const last = events.findLast((event) => 'reason' in event)
  return last !== undefined && 'reason' in last ? last.reason : null
}
