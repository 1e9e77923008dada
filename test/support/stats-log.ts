//
// Owns: a log of anything that can happen to mail, as dice give it, and its counts without any of our code: what roll-ups
// are held against.

import { expect } from 'bun:test'
import fc from 'fast-check'
import type { MailEvent, MailEventType } from '../../src/core/event.ts'
import { type AccountId, deliveryId } from '../../src/core/ids.ts'
import type { Message } from '../../src/core/message.ts'
import { DAY, HOUR } from '../../src/core/time.ts'
import { bucketOf } from '../../src/services/stats/took.ts'
import { STAT_DIMENSIONS, type StatSeriesAsk } from '../../src/store/stats-store.ts'
import type { Acceptance, Store } from '../../src/store/store.ts'
import {
  ACCOUNT,
  acceptanceOf,
  attemptNumber,
  domainNamed,
  firstDelivery,
  HOLDER,
  ids,
  mailboxNamed,
  NOW,
} from '../store/contract/samples.ts'

const MIDNIGHT = NOW - (NOW % DAY)
/** Holds all that happens here. */
export const WHOLE = { from: MIDNIGHT - 9 * DAY, to: MIDNIGHT + 9 * DAY } as const
/** Two halves and a whole one: days and a month are added up. */
const MONTHS = { from: Date.UTC(2023, 9, 15), to: Date.UTC(2023, 11, 15) } as const
const OTHER = 'acc_000000000002' as AccountId

// ── A log: messages, and what happened to them ──────────────────────────────────────────────────

/** One thing that happened, as dice gave it. */
export interface Happened {
  readonly type: MailEventType
  readonly message: number
  readonly at: number
  readonly machine: boolean | null
  readonly hard: boolean
  readonly late: boolean
  readonly mx: string | null
  readonly relayed: boolean
  readonly elapsed: number
}

const TYPES = [
  'email.queued',
  'email.delivered',
  'email.deferred',
  'email.bounced',
  'email.opened',
  'email.clicked',
  'email.complained',
  'email.unsubscribed',
  'email.failed',
  'email.suppressed',
  'email.cancelled',
] as const satisfies readonly MailEventType[]

export const happened: fc.Arbitrary<Happened> = fc.record({
  type: fc.constantFrom(...TYPES),
  message: fc.nat(6),
  at: fc.integer({ min: -2 * DAY, max: 2 * DAY }).map((off) => NOW + off),
  machine: fc.constantFrom(true, false, null),
  hard: fc.boolean(),
  late: fc.boolean(),
  mx: fc.constantFrom('mx1.big.example', 'mx2.big.example', 'mx.small.example', null),
  relayed: fc.boolean(),
  elapsed: fc.integer({ min: 0, max: 6 * DAY }),
})

export interface Kind extends Partial<Message> {
  readonly to?: string
  /** Which host took it; absent: nobody. */
  readonly taker?: { readonly mx: string; readonly via: string }
}

function KINDS(): readonly Kind[] {
  const taker = { mx: 'mx1.big.example', via: 'direct' }
  return [
    { taker },
    { tags: ['a', 'b', 'a'], campaign: 'spring', stream: 'marketing', taker },
    { tags: ['a\u0000', 'ü ½'], signingDomain: domainNamed('other.example') },
    { accountId: OTHER, tags: [], taker: { mx: 'smarthost.example', via: 'relay:smarthost.example' } },
    { mode: 'test', tags: ['a'], taker },
    { to: 'delivered@sandbox.mailwok.test' },
  ]
}

/** Puts them into the store; the last place stands for a message that retention has taken. */
export async function accepted(store: Store): Promise<readonly Acceptance[]> {
  await store.queue.heartbeat(HOLDER, NOW, NOW + 60_000)
  const all: Acceptance[] = []
  for (const { taker, to = 'ann@one.example', ...message } of KINDS()) {
    const whole = acceptanceOf({ leased: true, to: [to], message })
    const acceptance = { ...whole, events: [] }
    all.push(acceptance)
    expect((await store.queue.accept(acceptance)).ok).toBe(true)
    const outcome = taker === undefined ? 'bounced' : 'delivered'
    const attempt = { ...attemptNumber(1, outcome), ...taker }
    const next = { state: outcome, at: NOW } as const
    await store.queue.settle([{ deliveryId: firstDelivery(acceptance), attempt, next, events: [] }], HOLDER)
  }
  return [...all, acceptanceOf()]
}

export function eventOf(one: Happened, { message, deliveries }: Acceptance): MailEvent {
  const { elapsed, hard, late, machine, mx, relayed, type } = one
  const head = {
    id: ids.event(),
    accountId: message.accountId,
    messageId: message.id,
    deliveryId: deliveryId(message.id, 0),
    recipient: deliveries[0]?.recipient ?? mailboxNamed('ann@one.example'),
    at: one.at,
  }
  const peer = { mx, ip: null, software: null, ...(relayed ? { via: 'relay:out.example' } : {}) }
  const reason = hard ? 'mailbox_unknown' : 'spam'
  const failure = { type: hard ? 'hard' : 'soft', reason, enhancedCode: null, diagnostic: '' } as const
  const reader = { ip: null, userAgent: null, machine, why: [] }
  switch (type) {
    case 'email.queued':
      return { ...head, type }
    case 'email.delivered':
      return { ...head, type, peer, response: '250', elapsed }
    case 'email.deferred':
      return { ...head, type, peer, failure, nextAttemptAt: one.at }
    case 'email.bounced':
      return { ...head, type, peer, failure, ...(late ? { late } : {}) }
    case 'email.opened':
      return { ...head, type, ...reader }
    case 'email.clicked':
      return { ...head, type, url: 'https://x.example', ...reader }
    case 'email.complained':
      return { ...head, type, feedbackType: 'abuse', reporter: null }
    case 'email.unsubscribed':
      return { ...head, type, scope: 'marketing', by: 'page', ip: null, userAgent: null }
    case 'email.failed':
    case 'email.suppressed':
    case 'email.cancelled':
      return { ...head, type, reason: '' }
    default:
      return type satisfies never
  }
}

/** Into the log, some in each commit. */
export async function told(store: Store, events: readonly MailEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += 40) {
    const acceptance = acceptanceOf({ state: 'held' })
    await store.queue.accept({ ...acceptance, events: events.slice(at, at + 40) })
  }
}

// ── Counting it without any of our code ─────────────────────────────────────────────────────────

export type Sums = Record<string, number>

export function naive(events: readonly MailEvent[], messages: readonly Acceptance[]): Sums {
  const sums: Sums = {}
  const add = (key: string): void => {
    sums[key] = (sums[key] ?? 0) + 1
  }
  for (const event of events) {
    for (const place of naivePlaces(event, messages)) {
      for (const metric of naiveMetrics(event)) {
        const head = `${event.accountId} ${place}`
        add(`${head} hour ${Math.floor(event.at / HOUR) * HOUR} ${metric}`)
        add(`${head} day ${Math.floor(event.at / DAY) * DAY} ${metric}`)
        add(`${head} total ${metric}`)
      }
    }
  }
  return sums
}

function naivePlaces(event: MailEvent, messages: readonly Acceptance[]): readonly string[] {
  const at = messages.findIndex(({ message }) => message.id === event.messageId)
  const kind = KINDS()[at]
  if (kind?.mode === 'test' || event.recipient.endsWith('@sandbox.mailwok.test')) return []
  const places: string[] = ['all ']
  const message = messages[at]?.message
  if (kind !== undefined && message !== undefined) {
    places.push(`domain ${message.signingDomain}`, `stream ${message.stream}`)
    if (message.campaign !== null) places.push(`campaign ${message.campaign}`)
    for (const tag of new Set(message.tags)) places.push(`tag ${tag.replace('\u0000', '\ufffd')}`)
  }
  const provider = naiveProvider(event, kind)
  return provider === null ? places : [...places, `provider ${provider}`]
}

function naiveProvider(event: MailEvent, kind: Kind | undefined): string | null {
  const isLate = event.type === 'email.bounced' && event.late === true
  if ('peer' in event && !isLate) {
    if (event.peer.via) return event.peer.via
    return event.peer.mx === null ? null : event.peer.mx.replace(/^mx\d?\./, '')
  }
  const later = ['email.opened', 'email.clicked', 'email.complained', 'email.unsubscribed', 'email.bounced']
  if (!later.includes(event.type) || !kind?.taker) return null
  return kind.taker.via === 'direct' ? 'big.example' : kind.taker.via
}

function naiveMetrics(event: MailEvent): readonly string[] {
  const name = event.type.slice('email.'.length)
  if (name === 'queued') return ['sent']
  if (event.type === 'email.delivered') return [name, `took.${bucketOf(event.elapsed)}`]
  if (event.type === 'email.bounced') {
    const { reason, type } = event.failure
    return [`bounced.${type}.${reason}`, ...(event.late ? ['bounced_late'] : [])]
  }
  if ('machine' in event) {
    return [`${name}.${event.machine === null ? 'unknown' : event.machine ? 'machine' : 'human'}`]
  }
  return [name]
}

/** All that the store tells, by the ways that users read it. */
export async function kept(store: Store): Promise<Sums> {
  const sums: Sums = {}
  for (const account of [ACCOUNT, OTHER]) {
    for (const dimension of STAT_DIMENSIONS) {
      const names = await store.stats.totals({ account, dimension, limit: 1000, ...WHOLE })
      for (const { name } of names) Object.assign(sums, await keptOf(store, { account, dimension, name }))
    }
  }
  return sums
}

type Place = Pick<StatSeriesAsk, 'account' | 'dimension' | 'name'>

async function keptOf(store: Store, place: Place): Promise<Sums> {
  const { account, dimension, name } = place
  const sums: Sums = {}
  for (const total of await store.stats.totals({ account, dimension, limit: 1000, ...MONTHS })) {
    if (total.name !== name) continue
    for (const [metric, count] of total.counts)
      sums[`${account} ${dimension} ${name} total ${metric}`] = count
  }
  for (const span of ['hour', 'day'] as const) {
    for (const { at, counts } of await store.stats.series({ ...place, span, ...WHOLE })) {
      for (const [metric, count] of counts) {
        sums[`${account} ${dimension} ${name} ${span} ${at} ${metric}`] = count
      }
    }
  }
  return sums
}
