//
// Owns: how long deliveries took, as a histogram that can be added up: which bucket a time is in, and percentiles out of
// counts. Pure.

import { DAY, type Milliseconds } from '../../core/time.ts'

/** Each end is a quarter beyond the one before: so far is a percentile off at most, and mostly by a tenth. */
const FIRST: Milliseconds = 10
const GROWTH = 1.25
/** Nothing is tried for longer than expiry allows; what is beyond shares the last bucket. */
const LAST: Milliseconds = 30 * DAY

export const TOOK_ENDS: readonly Milliseconds[] = endsOf()

function endsOf(): readonly Milliseconds[] {
  const ends: Milliseconds[] = []
  for (let end = FIRST; end < LAST * GROWTH; end *= GROWTH) ends.push(Math.round(end))
  return ends
}

/** The first bucket whose end is not before it. */
export function bucketOf(took: Milliseconds): number {
  const at = TOOK_ENDS.findIndex((end) => took <= end)
  return at === -1 ? TOOK_ENDS.length - 1 : at
}

/** Of each share, between the ends of its bucket, as far in as its rank is; null when nothing was delivered. */
export function percentiles(
  buckets: ReadonlyMap<number, number>,
  shares: readonly number[],
): readonly Milliseconds[] | null {
  let total = 0
  for (const count of buckets.values()) total += count
  if (total === 0) return null
  const sorted = [...buckets].filter(([, count]) => count > 0).sort(([one], [other]) => one - other)
  return shares.map((share) => atRank(sorted, share * total))
}

function atRank(sorted: readonly (readonly [number, number])[], rank: number): Milliseconds {
  let before = 0
  for (const [bucket, count] of sorted) {
    if (before + count >= rank) {
      const start = bucket === 0 ? 0 : (TOOK_ENDS[bucket - 1] ?? 0)
      const end = TOOK_ENDS[bucket] ?? LAST
      return Math.round(start + ((end - start) * Math.max(0, rank - before)) / count)
    }
    before += count
  }
  return LAST
}
