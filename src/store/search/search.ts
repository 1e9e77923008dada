//
// Owns: SearchStore for both engines: runs the walks where they hold nobody up, writes the blocks that they make.

import { fault, ok, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { refused, settled } from '../directory/writes.ts'
import { compilerFor, type Executor, type Statement, statement } from '../executor.ts'
import { idBefore } from '../rows.ts'
import type { BlockBuilt, SearchAsk, SearchPage, SearchStore } from '../search-store.ts'
import type { Store } from '../store.ts'
import type { StoreFault } from '../store-fault.ts'
import { type Block, blockAgain, nextBlock } from './block.ts'
import type { Steps } from './steps.ts'
import { search } from './walk.ts'

/** What runs away from the serving thread, in words that another thread understands. */
export type SearchWork =
  | { readonly kind: 'find'; readonly ask: SearchAsk }
  | { readonly kind: 'build'; readonly before: Milliseconds }
  | { readonly kind: 'again'; readonly now: Milliseconds }

export type SearchEnd<W extends SearchWork> = W extends { kind: 'find' } ? SearchPage : Block | null

/** `since` says how many milliseconds have passed since the work was begun. */
export function stepsOf(
  engine: Store['engine'],
  work: SearchWork,
  since: () => number,
): Steps<SearchPage | Block | null> {
  switch (work.kind) {
    case 'find':
      return search(engine, work.ask, since)
    case 'build':
      return nextBlock(engine, work.before)
    case 'again':
      return blockAgain(engine, work.now)
    default:
      return work satisfies never
  }
}

export type SearchRunner = <W extends SearchWork>(work: W) => Promise<SearchEnd<W>>

interface Ends {
  readonly first: string | null
  readonly last: string | null
}

function textsFor(engine: Store['engine']) {
  const db = compilerFor(engine)
  const [first, second] = engine === 'sqlite' ? ['?1', '?2'] : ['$1::text', '$2::text']
  const [states, messages] = engine === 'sqlite' ? ['?1', '?2'] : ['$1::bigint', '$2::bigint']
  const rest = (from: number): readonly string[] =>
    Array.from({ length: 5 }, (_, place) => (engine === 'sqlite' ? `?${from + place}` : `$${from + place}`))
  const [open, looks, next, filter, id] = rest(3)
  return {
    ends: `SELECT (SELECT min(id) FROM messages) AS first, (SELECT max(last_id) FROM search_blocks) AS last`,
    /** Of removed mail, and of a time that the clock has gone back behind. */
    forget: `DELETE FROM search_blocks WHERE last_id < ${first} OR last_id > ${second}`,
    // A bit that was set stays: a late bounce may be told at the same moment.
    renew: `UPDATE search_blocks SET states = states | ${states}, messages = ${messages}, open = ${open}, looks = ${looks},
      next_look = ${next}, filter = ${filter} WHERE first_id = ${id}`,
    add: statement(() =>
      db.insertInto('search_blocks').values({
        first_id: '',
        last_id: '',
        messages: 0,
        states: 0,
        open: 0,
        looks: 0,
        next_look: 0,
        filter: new Uint8Array(),
      }),
    ) as Statement<unknown>,
  }
}

/** Nothing is committed so long after its id was made, but by a disk that stood still: `looks` of block.ts finds that. */
export const SETTLED_AFTER: Milliseconds = 60 * SECOND

export function searchOn(engine: Store['engine'], executor: Executor, run: SearchRunner): SearchStore {
  const text = textsFor(engine)
  async function tidy(before: Milliseconds): Promise<Result<void, StoreFault>> {
    const [ends] = await executor.read<Ends>({ sql: text.ends, values: [] })
    const last = ends?.last ?? null
    if (last === null) return ok(undefined)
    const bounds = [ends?.first ?? '~', idBefore('msg', before + MINUTE)] as const
    const [oldest] = await executor.read<{ last_id: string }>({
      sql: 'SELECT last_id FROM search_blocks ORDER BY first_id LIMIT 1',
      values: [],
    })
    if ((oldest?.last_id ?? '~') >= bounds[0] && last <= bounds[1]) return ok(undefined)
    return settled(await executor.write([{ sql: text.forget, values: [...bounds] }]))
  }
  return {
    find: (ask) => run({ kind: 'find', ask }),
    async build(before) {
      const tidied = await tidy(before)
      if (!tidied.ok) return tidied
      const block = await run({ kind: 'build', before })
      if (block === null) return ok(null)
      const { first, last, messages, states, open, looks, nextLook, filter } = block
      const values = [first, last, messages, states, open ? 1 : 0, looks, nextLook, filter] as const
      const written = await executor.write([text.add(...values)])
      // Another node has made the same one.
      if (!written.ok && written.error !== 'exists') return fault(written.error)
      return ok(builtOf(block))
    },
    async recheck(now) {
      const block = await run({ kind: 'again', now })
      if (block === null) return ok(null)
      const { first, messages, states, open, looks, nextLook, filter } = block
      const values = [states, messages, open ? 1 : 0, looks, nextLook, filter, first] as const
      const written = await executor.write([{ sql: text.renew, values: [...values] }])
      return written.ok ? ok(builtOf(block)) : refused(written.error)
    },
  }
}

const builtOf = ({ first, last, messages }: Block): BlockBuilt => ({ first, last, messages })
