//
// Owns: finding mail: newest first, block by block, leaving out those that the index knows to have nothing; what is not
// indexed yet is looked through as it is. So the index may be behind, and no answer is.
//
// Patience is looked at between two stretches of a few milliseconds. What was found by then is the answer, with the place
// to go on from: nobody waits for ever, and nobody is told that there is nothing where nobody has looked.

import { idAfter, type MessageId, parseMessageId } from '../../core/ids.ts'
import type { DeliveryState } from '../../core/message.ts'
import type { Whole } from '../columns.ts'
import { idBefore } from '../rows.ts'
import type { FoundMessage, SearchAsk, SearchPage, SearchState } from '../search-store.ts'
import type { Store } from '../store.ts'
import { bitOf } from './block.ts'
import { mayHave } from './filter.ts'
import {
  type FoundRow,
  foundOf,
  type Match,
  matchOf,
  type RecipientRow,
  recipientTexts,
  type StateRow,
} from './match.ts'
import { rowsOf, type Steps } from './steps.ts'
import { askedTerms } from './terms.ts'

/** Messages that are looked through at once where no block stands. */
const STRETCH = 2000
/** Blocks whose filters are read at once: some hundred kilobytes. */
const BLOCKS = 32
/** Rows that come out of a stretch at once. */
const ROWS = 500

/** From `low` on, up to where `high` begins. Ends are ids, or texts between which ids lie. */
interface Range {
  readonly low: string
  readonly high: string
}
interface BlockRow {
  readonly first_id: string
  readonly last_id: string
  readonly states: Whole
  readonly open: Whole
  readonly filter: Uint8Array
}
interface Block extends Range {
  readonly row: BlockRow
}

type Engine = Store['engine']

/** The next text behind an id: ids are of one length, and have no character before this one. */
const behind = (id: string): string => `${id}!`

function textsFor(engine: Engine) {
  const at = (place: number): string => (engine === 'sqlite' ? `?${place}` : `$${place}`)
  const blocks = (edge: string, order: string): string =>
    `SELECT first_id, last_id, states, open, filter FROM search_blocks WHERE ${edge} ORDER BY first_id ${order} LIMIT ${BLOCKS}`
  const stretch = (order: string): string => `SELECT id FROM messages
    WHERE id >= ${at(1)} AND id < ${at(2)} ORDER BY id ${order} LIMIT 1 OFFSET ${STRETCH - 1}`
  return {
    down: { blocks: blocks(`first_id < ${at(1)}`, 'DESC'), stretch: stretch('DESC') },
    up: { blocks: blocks(`last_id >= ${at(1)}`, 'ASC'), stretch: stretch('ASC') },
  }
}

/** `since` says how many milliseconds have passed. */
export const search = (engine: Engine, ask: SearchAsk, since: () => number): Steps<SearchPage> =>
  new Walk(engine, ask, since).run()

class Walk {
  private readonly engine: Engine
  private readonly ask: SearchAsk
  private readonly since: () => number
  private readonly match: Match
  private readonly terms: readonly bigint[]
  private readonly wanted: number
  private readonly up: boolean
  private readonly text: ReturnType<typeof textsFor>['up']
  private readonly found: FoundRow[] = []
  /** Those that are read, and not come to yet. */
  private blocks: Block[] = []
  private areLast = false

  constructor(engine: Engine, ask: SearchAsk, since: () => number) {
    this.engine = engine
    this.ask = ask
    this.since = since
    this.match = matchOf(engine, ask)
    this.terms = askedTerms(ask)
    this.wanted = wantedBits(ask)
    this.up = ask.before !== null && ask.after === null
    this.text = textsFor(engine)[this.up ? 'up' : 'down']
  }

  *run(): Steps<SearchPage> {
    let left = rangeOf(this.ask)
    while (left.low < left.high && !this.isFull) {
      const place = this.placeAt(left)
      if (place !== null && this.since() > this.ask.patience) return yield* this.page(place)
      const block = yield* this.nextBlock(left)
      const isAtIt = block !== null && (this.up ? block.low <= left.low : block.high >= left.high)
      const part: Range = isAtIt ? common(block, left) : yield* this.stretchOf(this.upTo(block, left))
      if (isAtIt) this.blocks.shift()
      if (!isAtIt || this.mayBeIn(block.row)) yield* this.lookThrough(part)
      left = this.up ? { low: part.high, high: left.high } : { low: left.low, high: part.low }
    }
    return yield* this.page(null)
  }

  /** One more than was asked for says that there is more. */
  private get isFull(): boolean {
    return this.found.length > this.ask.limit
  }

  /** The message to go on behind; null where the walk stands between two, or has not begun. */
  private placeAt({ low, high }: Range): MessageId | null {
    const { after, before } = this.ask
    const place = this.up ? parseMessageId(low.slice(0, -1)) : idAt(high)
    return place === after || place === before ? null : place
  }

  private *nextBlock({ low, high }: Range): Steps<Block | null> {
    if (this.blocks.length === 0 && !this.areLast) {
      const rows = yield* rowsOf<BlockRow>({ sql: this.text.blocks, values: [this.up ? low : high] })
      this.areLast = rows.length < BLOCKS
      this.blocks = rows.map((row) => ({ low: row.first_id, high: behind(row.last_id), row }))
    }
    return this.blocks[0] ?? null
  }

  /** What is not indexed between here and that block. */
  private upTo(block: Range | null, { low, high }: Range): Range {
    if (block === null) return { low, high }
    return this.up ? { low, high: min(high, block.low) } : { low: max(low, block.high), high }
  }

  private mayBeIn({ filter, open, states }: BlockRow): boolean {
    if (this.wanted !== 0 && Number(open) === 0 && (Number(states) & this.wanted) === 0) return false
    return mayHave(filter, this.terms)
  }

  /** The next some thousand messages of a range, or what is left of it. */
  private *stretchOf({ low, high }: Range): Steps<Range> {
    const [end] = yield* rowsOf<{ id: string }>({ sql: this.text.stretch, values: [low, high] })
    if (end === undefined) return { low, high }
    return this.up ? { low, high: behind(end.id) } : { low: end.id, high }
  }

  private *lookThrough(range: Range): Steps<void> {
    let { low, high } = range
    while (low < high && !this.isFull) {
      const part = { low, high, up: this.up, limit: ROWS }
      const rows = yield* rowsOf<FoundRow>(this.match.query(part))
      for (const row of rows) if (!this.isFull && this.match.fits(row)) this.found.push(row)
      const last = rows[rows.length - 1]
      if (last === undefined || rows.length < ROWS) return
      if (this.up) low = behind(last.id)
      else high = last.id
    }
  }

  private *page(lookedTo: MessageId | null): Steps<SearchPage> {
    const texts = recipientTexts(this.engine, this.ask)
    const found: FoundMessage[] = []
    for (const row of this.found.slice(0, this.ask.limit)) {
      const states = yield* rowsOf<StateRow>(texts.states(row.id))
      const recipients = yield* rowsOf<RecipientRow>(texts.first(row.id))
      found.push(foundOf(row, states, recipients))
    }
    if (this.up) found.reverse()
    return { found, more: this.isFull || lookedTo !== null, lookedTo: this.isFull ? null : lookedTo }
  }
}

/** What is older than this is what stands before that end. */
function idAt(end: string): MessageId | null {
  const id = parseMessageId(end)
  const before = id === null ? parseMessageId(end.slice(0, -1)) : null
  return id ?? (before === null ? null : idAfter(before))
}

const max = (one: string, other: string): string => (one > other ? one : other)
const min = (one: string, other: string): string => (one < other ? one : other)
const common = (one: Range, other: Range): Range => ({
  low: max(one.low, other.low),
  high: min(one.high, other.high),
})

function rangeOf({ after, before, since, until }: SearchAsk): Range {
  const low = since === null ? '' : idBefore('msg', since)
  const high = until === null ? '~' : idBefore('msg', until)
  return {
    low: before === null ? low : max(low, behind(before)),
    high: after === null ? high : min(high, after),
  }
}

/** The states of which one must be in a block; 0: none is left out for its states. What is open has a mark of its own. */
const wantedBits = ({ states }: SearchAsk): number =>
  (states ?? []).reduce((bits, state) => bits | bitOf(BECOMES[state] ?? state), 0)

const BECOMES: Readonly<Partial<Record<SearchState, DeliveryState>>> = {
  deferred: 'queued',
  scheduled: 'queued',
}
