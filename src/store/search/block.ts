//
// Owns: making a block of the index: some thousand messages in the order of acceptance, the terms that they are found by,
// the states that their recipients are in.
//
// A block is written when its mail was accepted a minute ago: nothing is committed between its ends any more. Should a
// stalled disk do that after all, the block is made anew when it is looked at again.

import type { DeliveryState } from '../../core/message.ts'
import { DAY, HOUR, type Milliseconds } from '../../core/time.ts'
import type { Whole } from '../columns.ts'
import { idBefore } from '../rows.ts'
import type { Store } from '../store.ts'
import { filterOf } from './filter.ts'
import { rowsOf, type Steps } from './steps.ts'
import { messageTerms, recipientTerms } from './terms.ts'

/** A search through a block that has nothing takes some milliseconds; a year of a busy sender has some ten thousand blocks. */
const MESSAGES = 4096
/** Of a campaign to many, fewer messages make a block. */
const TERMS = 65_536
const ROWS_AT_ONCE = 2000

const BITS: Readonly<Record<DeliveryState, number>> = {
  queued: 1,
  held: 2,
  delivered: 4,
  bounced: 8,
  suppressed: 16,
  cancelled: 32,
  failed: 64,
}
/** Of these something may still become. */
const OPEN = BITS.queued | BITS.held

export const bitOf = (state: string): number => BITS[state as DeliveryState] ?? 0

/** When a block with open mail is looked at again, each time counted from the one before; then it stays open. */
const LOOKS: readonly Milliseconds[] = [HOUR, DAY, 6 * DAY, 30 * DAY]

export interface Block {
  /** A text behind the last message of the block before: between two there is nothing that belongs to none. */
  readonly first: string
  readonly last: string
  readonly messages: number
  readonly states: number
  readonly open: boolean
  readonly filter: Uint8Array
  readonly looks: number
  /** Null: never again. */
  readonly nextLook: Milliseconds | null
}

interface MessageRow {
  readonly id: string
  readonly account_id: string
  readonly from_mailbox: string
  readonly subject: string
  readonly tags: string
  readonly campaign: string | null
  readonly stream: string
  readonly mode: string
}
interface DeliveryRow {
  readonly id: string
  readonly message_id: string
  readonly recipient: string
  readonly state: string
}
export interface BlockRow {
  readonly first_id: string
  readonly last_id: string
  readonly looks: Whole
}

function textsFor(engine: Store['engine']) {
  const at = (place: number): string => (engine === 'sqlite' ? `?${place}` : `$${place}`)
  return {
    end: `SELECT max(last_id) AS last FROM search_blocks WHERE first_id < ${at(1)}`,
    messages: `SELECT id, account_id, from_mailbox, subject, tags, campaign, stream, mode FROM messages
      WHERE id >= ${at(1)} AND id < ${at(2)} ORDER BY id LIMIT ${MESSAGES}`,
    deliveries: `SELECT id, message_id, recipient, state FROM deliveries
      WHERE id > ${at(1)} AND id < ${at(2)} ORDER BY id LIMIT ${ROWS_AT_ONCE}`,
    due: `SELECT first_id, last_id, looks FROM search_blocks WHERE next_look <= ${at(1)} ORDER BY next_look LIMIT 1`,
  }
}

/** The next one, of mail accepted before that; null while too little was. */
export function* nextBlock(engine: Store['engine'], before: Milliseconds): Steps<Block | null> {
  const text = textsFor(engine)
  const [end] = yield* rowsOf<{ last: string | null }>({ sql: text.end, values: ['~'] })
  const from = end?.last ? behind(end.last) : ''
  const to = idBefore('msg', before)
  const rows = yield* rowsOf<MessageRow>({ sql: text.messages, values: [from, to] })
  if (rows.length < MESSAGES) return null
  return { ...(yield* blockOf(engine, rows, { looks: 0, now: before })), first: from }
}

/** One whose time has come, made anew; null: there is none. */
export function* blockAgain(engine: Store['engine'], now: Milliseconds): Steps<Block | null> {
  const text = textsFor(engine)
  const [due] = yield* rowsOf<BlockRow>({ sql: text.due, values: [now] })
  if (due === undefined) return null
  const rows: MessageRow[] = []
  for (let from = due.first_id; ; ) {
    const some = yield* rowsOf<MessageRow>({ sql: text.messages, values: [from, `${due.last_id}.`] })
    rows.push(...some)
    const last = some[some.length - 1]
    if (last === undefined || some.length < MESSAGES) break
    from = behind(last.id)
  }
  const looks = Number(due.looks) + 1
  if (rows.length === 0) return { ...EMPTY, first: due.first_id, last: due.last_id, looks }
  const block = yield* blockOf(engine, rows, { looks, now, whole: true })
  return { ...block, first: due.first_id, last: due.last_id }
}

const EMPTY = { messages: 0, states: 0, open: false, filter: filterOf(new Set()), nextLook: null } as const

/** Ids have one length: nothing stands between. */
const behind = (id: string): string => `${id}!`

interface Making {
  readonly looks: number
  readonly now: Milliseconds
  /** However many terms they have: where it ends is settled. */
  readonly whole?: boolean
}

function* blockOf(engine: Store['engine'], rows: readonly MessageRow[], making: Making): Steps<Block> {
  const terms = new Set<bigint>()
  const accounts = new Map(rows.map(({ id, account_id }) => [id, account_id]))
  let states = 0
  let messages = 0
  const deliveries = deliveriesOf(engine, rows)
  let next = yield* deliveries.next()
  for (const row of rows) {
    for (const one of messageTerms(termsOf(row))) terms.add(one)
    while (next !== null && next.message_id <= row.id) {
      for (const one of recipientTerms(accounts.get(next.message_id) ?? '', next.recipient)) terms.add(one)
      states |= bitOf(next.state)
      next = yield* deliveries.next()
    }
    messages += 1
    if (terms.size >= TERMS && making.whole !== true) break
  }
  const open = (states & OPEN) !== 0
  const wait = LOOKS[making.looks] ?? null
  return {
    first: rows[0]?.id ?? '',
    last: rows[messages - 1]?.id ?? '',
    messages,
    states,
    open,
    filter: filterOf(terms),
    looks: making.looks,
    // Once in any case: for what was committed late.
    nextLook: wait !== null && (open || making.looks === 0) ? making.now + wait : null,
  }
}

/** All deliveries of a stretch of messages, page by page. */
function deliveriesOf(engine: Store['engine'], rows: readonly MessageRow[]) {
  const { deliveries: sql } = textsFor(engine)
  const end = `${rows[rows.length - 1]?.id ?? ''}/`
  let page: readonly DeliveryRow[] = []
  let at = 0
  let from = rows[0]?.id ?? ''
  let isLast = false
  return {
    *next(): Steps<DeliveryRow | null> {
      if (at === page.length && !isLast) {
        page = yield* rowsOf<DeliveryRow>({ sql, values: [from, end] })
        at = 0
        isLast = page.length < ROWS_AT_ONCE
        from = page[page.length - 1]?.id ?? from
      }
      const row = page[at] ?? null
      at += 1
      return row
    },
  }
}

const termsOf = (row: MessageRow) => ({
  account: row.account_id,
  from: row.from_mailbox,
  subject: row.subject,
  tags: JSON.parse(row.tags) as string[],
  campaign: row.campaign,
  stream: row.stream,
  mode: row.mode,
})
