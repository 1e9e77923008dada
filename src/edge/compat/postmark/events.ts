//
// Owns: Postmark's bounces, opens and clicks: reading them out of GET /v1/events by his count and offset. Author and
// subject stand in a single bounce alone: the log has them with their message.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { numberOf } from '../../../services/webhooks/formats/told.ts'
import type { eventView } from '../../../services/webhooks/view.ts'
import { type NativeMessage, pathOf } from '../message.ts'
import type { Native, NativeAnswer } from '../native.ts'
import { taken } from '../suppressed.ts'
import { notAvailable, notHere, wrong } from '../trouble.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

type Told = ReturnType<typeof eventView>
/** What a failure tells on top of that. */
interface More {
  readonly bounce?: { readonly type: string; readonly reason: string; readonly diagnostic: string }
  readonly feedback_type?: string
  readonly url?: string
}

interface Page {
  readonly data: readonly Told[]
  readonly has_more: boolean
  readonly next: string | null
}

export const EVENTS: readonly Route[] = [
  { method: 'GET', path: '/bounces', answer: bounces },
  { method: 'GET', path: '/bounces/:id', answer: one },
  { method: 'GET', path: '/bounces/:id/dump', answer: dump },
  { method: 'PUT', path: '/bounces/:id/activate', answer: activate },
  ...(['', '/:id'] as const).flatMap((rest): Route[] => [
    {
      method: 'GET',
      path: `/messages/outbound/opens${rest}`,
      answer: (ask) => readings(ask, 'email.opened', 'Opens'),
    },
    {
      method: 'GET',
      path: `/messages/outbound/clicks${rest}`,
      answer: (ask) => readings(ask, 'email.clicked', 'Clicks'),
    },
  ]),
]

/** Of a page of ours. */
const PAGE = 1000
/** As there: how far count and offset reach together. */
const REACH = 10_000

interface Kind {
  readonly event: string
  readonly hard?: boolean
  readonly TypeCode: number
  readonly Name: string
}
const KINDS: Readonly<Record<string, Kind>> = {
  HardBounce: { event: 'email.bounced', hard: true, TypeCode: 1, Name: 'Hard bounce' },
  Transient: { event: 'email.deferred', TypeCode: 2, Name: 'Message delayed' },
  SoftBounce: { event: 'email.bounced', hard: false, TypeCode: 4096, Name: 'Soft bounce' },
  SpamComplaint: { event: 'email.complained', TypeCode: 100_001, Name: 'Spam complaint' },
}
const BOUNCES = 'email.bounced,email.deferred,email.complained'

function kindOf(event: Told): readonly [type: string, kind: Kind] {
  const isHard = (event as More).bounce?.type === 'hard'
  const found = Object.entries(KINDS).find(
    ([, kind]) => kind.event === event.event && (kind.hard === undefined || kind.hard === isHard),
  )
  return found ?? ['Unknown', { event: event.event, TypeCode: 2048, Name: 'Unknown' }]
}

function bounceView(event: Told, message: NativeMessage | null = null) {
  const [Type, { Name, TypeCode }] = kindOf(event)
  const { bounce, feedback_type } = event as More
  return {
    RecordType: 'Bounce',
    ID: numberOf(event),
    Type,
    TypeCode,
    Name,
    Tag: event.metadata.tags[0] ?? '',
    MessageID: event.message_id,
    ServerID: 0,
    Description: bounce?.reason ?? (Type === 'SpamComplaint' ? 'The recipient called it spam.' : ''),
    Details: bounce?.diagnostic ?? feedback_type ?? '',
    Email: event.recipient,
    From: message?.from ?? '',
    BouncedAt: event.timestamp,
    DumpAvailable: false,
    Inactive: isInactive(Type),
    CanActivate: Type !== 'SpamComplaint',
    Subject: message?.subject ?? '',
    MessageStream: message?.stream === 'marketing' ? 'broadcast' : 'outbound',
  }
}

/** After these nobody is written to. */
const isInactive = (type: string): boolean => type === 'HardBounce' || type === 'SpamComplaint'

const readingView = (event: Told, record: 'Open' | 'Click') => ({
  RecordType: record,
  MessageID: event.message_id,
  Recipient: event.recipient,
  ReceivedAt: event.timestamp,
  Tag: event.metadata.tags[0] ?? '',
  UserAgent: event.metadata.user_agent ?? '',
  Client: { Name: '', Company: '', Family: '' },
  OS: { Name: '', Company: '', Family: '' },
  Platform: 'Unknown',
  Geo: event.metadata.ip === null ? {} : { IP: event.metadata.ip },
  ...(record === 'Open'
    ? { ReadSeconds: 0 }
    : { ClickLocation: 'HTML', OriginalLink: (event as More).url ?? '' }),
})

interface Wanted {
  readonly query: URLSearchParams
  readonly from: number
  readonly to: number
  readonly isOf: (event: Told) => boolean
}

const whole = (text: string | null): number | null =>
  text !== null && /^\d{1,6}$/.test(text) ? Number(text) : null

/** His times are without a zone; here they are UTC. */
const timeOf = (text: string): string => (/T\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(text) ? `${text}Z` : text)

function readAsk(url: URL, types: string, faults: FieldFault[]): Wanted {
  const query = new URLSearchParams({ order: 'desc', limit: String(PAGE), type: types })
  const sieves: ((event: Told) => boolean)[] = []
  const said = (path: string, message: string): void => void faults.push(notAvailable(path, message))
  for (const [name, value] of url.searchParams) {
    switch (name.toLowerCase()) {
      case 'count':
      case 'offset':
        if (whole(value) === null) said(name, 'wants a whole number')
        break
      case 'emailfilter':
      case 'recipient':
        query.set('recipient', value)
        break
      case 'messageid':
        query.set('message_id', value)
        break
      case 'fromdate':
        query.set('since', timeOf(value))
        break
      case 'todate':
        query.set('until', timeOf(value))
        break
      case 'tag':
        sieves.push(({ metadata: { tags } }) => (tags as readonly string[]).includes(value))
        break
      case 'type':
        if (!/^[A-Za-z]{3,30}$/.test(value)) said(name, `wants one of ${Object.keys(KINDS).join(', ')}`)
        // Of his other types there is nothing here.
        sieves.push((event) => kindOf(event)[0] === value)
        break
      case 'inactive':
        sieves.push((event) => String(isInactive(kindOf(event)[0])) === value.toLowerCase())
        break
      default:
        said(name, 'is not looked for here; use GET /v1/events or GET /v1/email')
    }
  }
  const from = whole(url.searchParams.get('offset')) ?? 0
  const count = Math.min(whole(url.searchParams.get('count')) ?? 500, 500)
  if (from + count > REACH)
    said('offset', `and count reach ${REACH} together; go on with fromdate and todate`)
  return { query, from, to: from + count, isOf: (event) => sieves.every((sieve) => sieve(event)) }
}

interface Found {
  readonly events: readonly Told[]
  /** Those before them too, and one more where there are more. */
  readonly total: number
}

async function found(native: Native, { from, isOf, query, to }: Wanted): Promise<NativeAnswer<Found>> {
  const all: Told[] = []
  let isEnd = false
  for (let pages = 0; !isEnd && all.length <= to && pages < REACH / PAGE; pages += 1) {
    const page = await native.ask<Page>({ method: 'GET', path: `/v1/events?${query}` })
    if (!page.ok) return page
    all.push(...page.value.data.filter(isOf))
    isEnd = !page.value.has_more || page.value.next === null
    if (page.value.next !== null) query.set('after', page.value.next)
  }
  return {
    ok: true,
    value: { events: all.slice(from, to), total: isEnd ? all.length : Math.max(all.length, to + 1) },
  }
}

async function bounces({ native, url }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const wanted = readAsk(url, BOUNCES, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const some = await found(native, wanted)
  if (!some.ok) return { trouble: some.error }
  const { events, total } = some.value
  return Response.json({ TotalCount: total, Bounces: events.map((event) => bounceView(event)) })
}

async function readings(
  { native, params, url }: Ask,
  type: 'email.opened' | 'email.clicked',
  name: 'Opens' | 'Clicks',
): Promise<Answer> {
  const faults: FieldFault[] = []
  const wanted = readAsk(url, type, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const [id] = params
  if (id !== undefined) wanted.query.set('message_id', id)
  const some = await found(native, wanted)
  if (!some.ok) return { trouble: some.error }
  const record = name === 'Opens' ? 'Open' : 'Click'
  return Response.json({
    TotalCount: some.value.total,
    [name]: some.value.events.map((event) => readingView(event, record)),
  })
}

const NO_BOUNCE = notHere('There is no such bounce among the last 10,000; GET /v1/events has all of them.')

interface Bounce {
  readonly event: Told
  /** Null: retention has removed it. */
  readonly message: NativeMessage | null
}

async function bounceOf({ native, params }: Ask): Promise<NativeAnswer<Bounce>> {
  const number = Number(params[0])
  const query = new URLSearchParams({ order: 'desc', limit: String(PAGE), type: BOUNCES })
  for (let pages = 0; pages < REACH / PAGE; pages += 1) {
    const page = await native.ask<Page>({ method: 'GET', path: `/v1/events?${query}` })
    if (!page.ok) return page
    const event = page.value.data.find((one) => numberOf(one) === number)
    if (event !== undefined) {
      const path = pathOf(event.message_id ?? '')
      const message = await native.ask<NativeMessage>({ method: 'GET', path })
      return { ok: true, value: { event, message: message.ok ? message.value : null } }
    }
    if (!page.value.has_more || page.value.next === null) break
    query.set('after', page.value.next)
  }
  return { ok: false, error: NO_BOUNCE }
}

async function one(ask: Ask): Promise<Answer> {
  const bounce = await bounceOf(ask)
  if (!bounce.ok) return { trouble: bounce.error }
  return Response.json(bounceView(bounce.value.event, bounce.value.message))
}

/** The letter of a bounce is not kept; what it said stands in Details. */
async function dump(ask: Ask): Promise<Answer> {
  const bounce = await bounceOf(ask)
  return bounce.ok ? Response.json({ Body: '' }) : { trouble: bounce.error }
}

/** The address is written to again. */
async function activate(ask: Ask): Promise<Answer> {
  const bounce = await bounceOf(ask)
  if (!bounce.ok) return { trouble: bounce.error }
  const { event, message } = bounce.value
  const [type] = kindOf(event)
  if (type === 'SpamComplaint') {
    const said = 'is of somebody who complained; take him off by /v1/suppressions if he asked for it'
    return { trouble: wrong([{ path: 'ID', code: 'not_available', message: said }]) }
  }
  const kind = { reasons: ['hard_bounce'], scope: 'all' } as const
  const gone = await taken(ask.native, kind, event.recipient ?? '')
  if (!gone.ok) return { trouble: gone.error }
  return Response.json({ Message: 'OK', Bounce: { ...bounceView(event, message), Inactive: false } })
}
