//
// Owns: one page of a short list that is read whole, the newest first, with ids as marks.

export interface PageAsk {
  readonly limit: number
  /** The id of the last of the page before. */
  readonly after?: string | undefined
  /** The id of the first of the page behind. */
  readonly before?: string | undefined
}

export interface Page<T> {
  readonly data: readonly T[]
  readonly has_more: boolean
}

/** A mark need not be there any more: ids sort by time. Of the two marks a query has one (read-query.ts). */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { after, before, limit }: PageAsk,
): Page<T> {
  const sorted = all.toSorted((one, other) => (one.id < other.id ? 1 : -1))
  const wanted = sorted.filter(
    ({ id }) => (after === undefined || id < after) && (before === undefined || id > before),
  )
  const data = before === undefined ? wanted.slice(0, limit) : wanted.slice(-limit)
  return { data, has_more: wanted.length > data.length }
}
