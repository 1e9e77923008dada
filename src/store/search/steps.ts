//
// Owns: work that asks the store again and again, written once for an engine that answers at once, on a thread of its own,
// and for one that answers later.

import type { Query } from '../executor.ts'

/** Gives a query, is given its rows, and ends with what it was after. */
export type Steps<T> = Generator<Query, T, readonly unknown[]>

export function takeAtOnce<T>(steps: Steps<T>, read: (query: Query) => readonly unknown[]): T {
  let step = steps.next([])
  while (!step.done) step = steps.next(read(step.value))
  return step.value
}

export async function takeInTurn<T>(
  steps: Steps<T>,
  read: (query: Query) => Promise<readonly unknown[]>,
): Promise<T> {
  let step = steps.next([])
  while (!step.done) step = steps.next(await read(step.value))
  return step.value
}

/** One query with rows of a shape. */
export function* rowsOf<R>(query: Query<R>): Generator<Query, readonly R[], readonly unknown[]> {
  return (yield query) as readonly R[]
}
