//
// Owns: attempts and events of one recipient as a story in the order of time. Pure.

import type { MailEvent } from '../../core/event.ts'
import type { TimelineEntry } from '../../core/explanation.ts'
import type { AttemptRecord } from '../../store/store.ts'
import { iso, span } from './words.ts'

export function timelineOf(
  events: readonly MailEvent[],
  attempts: readonly AttemptRecord[],
): readonly TimelineEntry[] {
  const entries = [
    // What an attempt's event says the attempt says better, as long as its evidence is kept.
    ...untold(events, attempts).map(told),
    ...attempts.map(tried),
  ]
  return entries
    .sort((one, other) => one.moment - other.moment)
    .map(({ moment, text, transcript }) => ({ at: iso(moment), text, ...(transcript ? { transcript } : {}) }))
}

type Left = Extract<MailEvent, { type: 'email.unsubscribed' }>

const LEFT_BY: Readonly<Record<Left['by'], string>> = {
  'one-click': "with the provider's button",
  page: 'on our page',
  mailto: 'by mail',
}

function leftIn(scope: Left['scope']): string {
  if (scope === 'marketing') return 'all marketing mail'
  return scope === '' ? 'all mail' : `the list ${scope.slice('list:'.length)}`
}

interface Entry {
  readonly moment: number
  readonly text: string
  readonly transcript?: readonly string[]
}

/** From the last on: the first attempts are forgotten first, and no two clocks need agree. */
function untold(events: readonly MailEvent[], attempts: readonly AttemptRecord[]): MailEvent[] {
  const left = new Map<string, number>()
  for (const { outcome } of attempts) left.set(outcome, (left.get(outcome) ?? 0) + 1)
  const kept: MailEvent[] = []
  for (const event of events.toReversed()) {
    const outcome = outcomeOf(event)
    const count = outcome === null ? 0 : (left.get(outcome) ?? 0)
    if (outcome !== null && count > 0) left.set(outcome, count - 1)
    else kept.push(event)
  }
  return kept.reverse()
}

function outcomeOf(event: MailEvent): AttemptRecord['outcome'] | null {
  switch (event.type) {
    case 'email.delivered':
      return 'delivered'
    case 'email.deferred':
      return 'deferred'
    case 'email.bounced':
      return event.late ? null : 'bounced'
    default:
      return null
  }
}

function tried(attempt: AttemptRecord): Entry {
  const { number, startedAt, endedAt, transcript } = attempt
  return {
    moment: startedAt,
    text: `Attempt ${number}${wayOf(attempt)} ${OUTCOME[attempt.outcome]} after ${span(endedAt - startedAt)}: ${attempt.diagnostic}`,
    ...(transcript === '' ? {} : { transcript: transcript.split('\n').filter((line) => line !== '') }),
  }
}

const OUTCOME: Readonly<Record<AttemptRecord['outcome'], string>> = {
  delivered: 'was taken',
  deferred: 'was put off',
  bounced: 'was refused for good',
}

function wayOf({ mx, address, source, tls, via }: AttemptRecord): string {
  if (mx === null) return ''
  const relay = via === 'direct' ? '' : ' (a relay)'
  const to = `to ${mx}${address === null ? '' : ` [${address}]`}${relay}`
  // Nobody took the connection.
  if (source === null) return ` ${to}`
  const safety =
    tls === null
      ? ', not encrypted,'
      : ` over ${tls.version}${tls.verified ? ', certificate verified,' : ','}`
  return ` from ${source} ${to}${safety}`
}

function told(event: MailEvent): Entry {
  return { moment: event.at, text: textOf(event) }
}

function textOf(event: MailEvent): string {
  switch (event.type) {
    case 'email.queued':
      return 'Accepted and stored.'
    case 'email.delivered':
      return `Delivered: ${event.response}`
    case 'email.deferred':
      return `Put off: ${event.failure.diagnostic}`
    case 'email.bounced':
      return event.late
        ? `The receiver sent it back after it had taken it: ${event.failure.diagnostic}`
        : `Given up: ${event.failure.diagnostic}`
    case 'email.complained':
      return `The recipient complained (${event.feedbackType})${event.reporter === null ? '' : `, reported by ${event.reporter}`}.`
    case 'email.opened':
      return `Opened, by ${READERS[`${event.machine}`]}.`
    case 'email.clicked':
      return `A link was followed, by ${READERS[`${event.machine}`]}: ${event.url}`
    case 'email.unsubscribed':
      return `The recipient unsubscribed from ${leftIn(event.scope)}, ${LEFT_BY[event.by]}.`
    case 'email.failed':
      return `Not attempted: ${event.reason}`
    case 'email.suppressed':
      return `Not sent, the address is on the suppression list: ${event.reason}`
    case 'email.cancelled':
      return `Cancelled: ${event.reason}`
    default:
      return event satisfies never
  }
}

const READERS = { true: 'a machine', false: 'a person', null: 'a person or a machine' } as const
