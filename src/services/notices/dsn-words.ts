//
// Owns: what a delivery status notification says to people (RFC 3464 §2, its first part). Pure.

import type { ForwardPath } from '../../core/address.ts'
import type { Blame } from '../../core/failure.ts'
import { dateOf } from '../submission/compose-headers.ts'
import type { Confirmation, DsnFacts, DsnItem } from './dsn-facts.ts'

/** RFC 3464 §2.3.6: `smtp` is for replies; what we found out ourselves is told in words. */
export const isReply = (diagnostic: string): boolean => /^[245]\d\d(?:[ -]|$)/.test(diagnostic)

const FAULT: Readonly<Record<Blame, string>> = {
  recipient: 'the address, or who lives there',
  content: 'what the message contains',
  reputation: 'how the receiver sees our sending addresses',
  'sender-config': 'how the sending domain is set up',
  receiver: 'the receiving system',
  network: 'the way there',
}

export function wordsFor(facts: DsnFacts): string {
  const { hostname, items, message } = facts
  const [first, ...others] = items
  const about = [
    `  Subject:   ${message.subject}`,
    `  Accepted:  ${dateOf(message.createdAt)}`,
    `  Message:   ${message.id}`,
  ]
  const opening = [`This is the mail system at ${hostname}.`, '', headline(facts), '']
  if (others.length === 0) {
    const why = whyOf(first)
    return [
      ...opening,
      `  Recipient: ${first.event.recipient}`,
      ...about,
      ...(why.length === 0 ? [] : ['', ...why]),
      '',
    ].join('\n')
  }
  const each = items.flatMap((item) => [
    '',
    quoted(item.event.recipient),
    ...whyOf(item).filter((line) => line !== ''),
  ])
  return [...opening, ...about, ...each, ''].join('\n')
}

function headline({ kind, items, message }: DsnFacts): string {
  const [{ confirmation, event }] = items
  const to = items.length === 1 ? quoted(event.recipient) : `${items.length} of its recipients`
  switch (kind) {
    case 'failure':
      return `Your message to ${to} was not delivered, and it will not be tried again.`
    case 'delay':
      return `Your message to ${to} has not been delivered yet. It is tried further until ${dateOf(message.expiresAt)}; you need not do anything.`
    case 'success':
      return successOf(to, confirmation)
    default:
      return kind satisfies never
  }
}

function successOf(to: string, confirmation: Confirmation | undefined): string {
  switch (confirmation?.action ?? 'taken') {
    case 'delivered':
      return `Your message to ${to} was delivered. The receiver's mail system says so.`
    case 'relayed':
      return `Your message to ${to} was passed on by the receiver's mail system to one that does not confirm what becomes of it.`
    case 'expanded':
      return `Your message to ${to} was passed on to the members of a list by the receiver's mail system.`
    default:
      return `Your message to ${to} was taken by the receiver's mail system, which does not confirm what becomes of it from there on.`
  }
}

const quoted = (path: ForwardPath): string => `<${path}>`

function whyOf({ confirmation, event }: DsnItem): readonly string[] {
  if (confirmation !== undefined) return []
  switch (event.type) {
    case 'email.bounced':
    case 'email.deferred': {
      const { failure, peer } = event
      const host = peer.mx === null ? '' : ` (${peer.mx}${peer.ip === null ? '' : `, ${peer.ip}`})`
      const said = isReply(failure.diagnostic) ? `What the receiver said${host}:` : 'What happened:'
      return [
        said,
        `  ${failure.diagnostic}`,
        ...(failure.blame === undefined ? [] : ['', `Where the trouble lies: ${FAULT[failure.blame]}.`]),
        ...(failure.remedy === undefined || failure.remedy === '' ? [] : [`What to do: ${failure.remedy}`]),
      ]
    }
    case 'email.delivered':
      return [
        `The receiver said${event.peer.mx === null ? '' : ` (${event.peer.mx})`}:`,
        `  ${event.response}`,
      ]
    case 'email.suppressed':
      return [
        `It was not sent: the address is on your suppression list (${event.reason}).`,
        'What to do: if the address is right, take it off the list and send again.',
      ]
    case 'email.failed':
    case 'email.cancelled':
      return [`It was not sent: ${event.reason}.`]
    default:
      return []
  }
}
