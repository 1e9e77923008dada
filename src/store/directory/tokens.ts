//
// Owns: token buckets (decision 12): refilling, deciding and taking are one statement, so that two nodes that ask at
// once cannot both be granted the last token.
//
// A bucket that holds anything grants all that is wanted and may fall below zero; the debt is what the caller waits for.

import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Whole } from '../columns.ts'
import type { Executor, Query } from '../executor.ts'
import type { DirectoryStore, Store } from '../store.ts'
import type { TokenAsk } from '../token-ask.ts'
import { placesOn } from './texts.ts'

interface Taken {
  readonly granted: Whole
  readonly tokens: number
}

const SET_BACK: Milliseconds = MINUTE

/**
 * The row that would be inserted carries what was asked: `tokens` is a full bucket less the wish, `granted` the wish,
 * `at` the time. Casts because a placeholder has no type of its own in PostgreSQL.
 */
function takeText(engine: Store['engine']): string {
  const [least, greatest] = engine === 'sqlite' ? ['min', 'max'] : ['least', 'greatest']
  const place = placesOn(engine)
  // A clock that was set back must neither take tokens away nor give them twice; by more than nodes differ it is a new
  // time, or nothing would come until the old one is reached again.
  const grown = `buckets.tokens + ${greatest}(0, excluded.at - buckets.at) * CAST(${place(6)} AS double precision) / 1000`
  const filled = `${least}(excluded.tokens + excluded.granted, ${grown})`
  return `INSERT INTO buckets (account_id, bucket, tokens, granted, at)
    VALUES (${place(1)}, ${place(2)}, CAST(${place(3)} AS double precision), CAST(${place(4)} AS bigint), CAST(${place(5)} AS bigint))
    ON CONFLICT (account_id, bucket) DO UPDATE SET
      tokens = ${filled} - CASE WHEN ${filled} > 0 THEN excluded.granted ELSE 0 END,
      granted = CASE WHEN ${filled} > 0 THEN excluded.granted ELSE 0 END,
      at = CASE WHEN excluded.at < buckets.at - ${SET_BACK} THEN excluded.at ELSE ${greatest}(excluded.at, buckets.at) END
    RETURNING granted, tokens`
}

export function tokenDirectory(
  engine: Store['engine'],
  executor: Executor,
): Pick<DirectoryStore, 'takeTokens'> {
  const text = takeText(engine)
  const take = (ask: TokenAsk): Query<Taken> => ({
    sql: text,
    values: [ask.account, ask.bucket, ask.capacity - ask.want, ask.want, ask.now, ask.ratePerSecond],
  })
  return {
    async takeTokens(ask) {
      const written = await executor.write([take(ask)])
      // A store that cannot write refuses the message itself and says why: "too fast" would be the wrong answer here.
      if (!written.ok) return { granted: ask.want, left: 0 }
      const row = written.value[0]?.[0] as Taken | undefined
      return { granted: Number(row?.granted ?? 0), left: Number(row?.tokens ?? 0) }
    },
  }
}
