//
// Owns: what of a stretch of mail fits an ask: as a statement that leaves most of the work to the engine, and exactly.

import type { DeliveryState } from '../../core/message.ts'
import type { Whole } from '../columns.ts'
import type { Query } from '../executor.ts'
import { orNull, type Value } from '../rows.ts'
import { type FoundMessage, MAX_FOUND_RECIPIENTS, type SearchAsk, type SearchState } from '../search-store.ts'
import type { Store } from '../store.ts'
import { atDomainOf, inSmall, wordsIn } from './terms.ts'

type Engine = Store['engine']

export interface FoundRow {
  readonly id: string
  readonly created_at: Whole
  readonly scheduled_at: Whole | null
  readonly from_mailbox: string
  readonly subject: string
  readonly stream: string
  readonly tags: string
  readonly campaign: string | null
  readonly mode: string
}
export interface StateRow {
  readonly state: string
  readonly count: Whole
}
export interface RecipientRow {
  readonly recipient: string
  readonly state: string
}

export interface Stretch {
  readonly low: string
  readonly high: string
  readonly up: boolean
  readonly limit: number
}

export interface Match {
  query(stretch: Stretch): Query<FoundRow>
  /** What the statement leaves open. */
  fits(row: FoundRow): boolean
}

export function matchOf(engine: Engine, ask: SearchAsk): Match {
  return {
    query: (stretch) => {
      const writing = new Writing(engine)
      const demands = [
        `m.id >= ${writing.say(stretch.low)}`,
        `m.id < ${writing.say(stretch.high)}`,
        ...messageDemands(ask, writing),
        ...deliveryDemands(ask, stretch, writing),
      ]
      const sql = `SELECT m.id, m.created_at, m.scheduled_at, m.from_mailbox, m.subject, m.stream, m.tags, m.campaign, m.mode
        FROM messages m WHERE ${demands.join(' AND ')}
       ORDER BY m.id ${stretch.up ? 'ASC' : 'DESC'} LIMIT ${stretch.limit}`
      return { sql, values: writing.values }
    },
    fits: (row) => fits(ask, row),
  }
}

/** The values of a statement, in the order of their places. */
class Writing {
  readonly values: Value[] = []
  readonly engine: Engine

  constructor(engine: Engine) {
    this.engine = engine
  }

  say(value: Value): string {
    this.values.push(value)
    const place = `${this.engine === 'sqlite' ? '?' : '$'}${this.values.length}`
    return this.engine === 'sqlite' ? place : `${place}::${typeof value === 'number' ? 'bigint' : 'text'}`
  }
}

function messageDemands(ask: SearchAsk, writing: Writing): string[] {
  const demands: string[] = []
  if (ask.account !== null) demands.push(`m.account_id = ${writing.say(ask.account)}`)
  for (const name of ['stream', 'mode', 'campaign'] as const) {
    const value = ask[name]
    if (value !== null) demands.push(`m.${name} = ${writing.say(value)}`)
  }
  const position = writing.engine === 'sqlite' ? 'instr' : 'strpos'
  // Tags are JSON: this leaves out nearly all that have it not, and `fits` the rest.
  if (ask.tag !== null) demands.push(`${position}(m.tags, ${writing.say(JSON.stringify(ask.tag))}) > 0`)
  demands.push(...ask.words.filter(isPlain).map((word) => wordDemand(word, position, writing)))
  const { from } = ask
  if (from !== null && !from.startsWith('@')) demands.push(`lower(m.from_mailbox) = ${writing.say(from)}`)
  return demands
}

/** Where a subject has letters beyond ASCII, what equals a word may be written otherwise: `fits` knows. */
function wordDemand(word: string, position: string, writing: Writing): string {
  const isForeign = writing.engine === 'sqlite' ? `m.subject GLOB '*[^ -~]*'` : `m.subject ~ '[^ -~]'`
  return `(${position}(lower(m.subject), ${writing.say(word)}) > 0 OR ${isForeign})`
}

const isPlain = (word: string): boolean => /^[ -~]*$/.test(word)

/** Of the deliveries of a stretch one or more; they are found by their own key, beside those of other messages. */
function deliveryDemands(ask: SearchAsk, { low, high }: Stretch, writing: Writing): string[] {
  if (ask.recipient === null && ask.destination === null && ask.states === null) return []
  const demands = recipientDemands(ask, writing)
  demands.push(...stateDemands(ask, writing))
  return [
    `m.id IN (SELECT d.message_id FROM deliveries d${scheduleOf(ask)}
       WHERE d.id >= ${writing.say(low)} AND d.id < ${writing.say(high)} AND ${demands.join(' AND ')})`,
  ]
}

function recipientDemands(ask: SearchAsk, writing: Writing): string[] {
  const demands: string[] = []
  if (ask.account !== null) demands.push(`d.account_id = ${writing.say(ask.account)}`)
  if (ask.destination !== null) demands.push(`d.destination = ${writing.say(ask.destination)}`)
  if (ask.recipient !== null) demands.push(`lower(d.recipient) = ${writing.say(ask.recipient)}`)
  return demands
}

const stateDemands = ({ now, states }: SearchAsk, writing: Writing): string[] =>
  states === null ? [] : [`(${states.map((state) => stateDemand(state, now, writing)).join(' OR ')})`]

/** When it is to leave stands in the message. */
const scheduleOf = ({ states }: SearchAsk): string =>
  states?.includes('scheduled') === true ? ' JOIN messages s ON s.id = d.message_id' : ''

function stateDemand(state: SearchState, now: number, writing: Writing): string {
  switch (state) {
    case 'deferred':
      return `(d.state = 'queued' AND d.attempts > 0)`
    case 'scheduled':
      return `(d.state = 'queued' AND d.attempts = 0 AND s.scheduled_at > ${writing.say(now)})`
    default:
      return `d.state = ${writing.say(state)}`
  }
}

function fits({ from, tag, words }: SearchAsk, row: FoundRow): boolean {
  if (tag !== null && !(JSON.parse(row.tags) as string[]).includes(tag)) return false
  if (from !== null) {
    const author = inSmall(row.from_mailbox)
    if ((from.startsWith('@') ? atDomainOf(author) : author) !== from) return false
  }
  if (words.length === 0) return true
  const has = new Set(wordsIn(row.subject))
  return words.every((word) => has.has(word))
}

/** Of one message: how its recipients are, and the first of those that were asked for. */
export function recipientTexts(engine: Engine, ask: SearchAsk) {
  const ofOne = (writing: Writing, id: string): string =>
    `d.id >= ${writing.say(`${id}.`)} AND d.id < ${writing.say(`${id}/`)}`
  return {
    states(id: string): Query<StateRow> {
      const writing = new Writing(engine)
      const sql = `SELECT d.state, count(*) AS count FROM deliveries d WHERE ${ofOne(writing, id)} GROUP BY d.state`
      return { sql, values: writing.values }
    },
    first(id: string): Query<RecipientRow> {
      const writing = new Writing(engine)
      const demands = [ofOne(writing, id), ...recipientDemands(ask, writing), ...stateDemands(ask, writing)]
      const sql = `SELECT d.recipient, d.state FROM deliveries d${scheduleOf(ask)} WHERE ${demands.join(' AND ')}
        ORDER BY d.id LIMIT ${MAX_FOUND_RECIPIENTS}`
      return { sql, values: writing.values }
    },
  }
}

export const foundOf = (
  row: FoundRow,
  states: readonly StateRow[],
  recipients: readonly RecipientRow[],
): FoundMessage => ({
  id: row.id as FoundMessage['id'],
  createdAt: Number(row.created_at),
  scheduledAt: orNull(row.scheduled_at),
  from: row.from_mailbox as FoundMessage['from'],
  subject: row.subject,
  stream: row.stream as FoundMessage['stream'],
  tags: JSON.parse(row.tags) as string[],
  campaign: row.campaign,
  mode: row.mode as FoundMessage['mode'],
  states: new Map(states.map(({ state, count }) => [state as DeliveryState, Number(count)])),
  recipients: recipients.map(({ recipient, state }) => ({
    recipient: recipient as FoundMessage['recipients'][number]['recipient'],
    state: state as DeliveryState,
  })),
})
