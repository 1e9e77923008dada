//
// Owns: how shared statements reach an engine: compiled text with its values, read alone or written as one commit.
// Never: SQL of its own, or an engine.

import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Result } from '../core/result.ts'
import type { Value } from './rows.ts'
import type { StoreFault } from './store-fault.ts'
import type { Tables } from './tables.ts'

/** A statement ready to run; `R` is the shape of its rows. */
export interface Query<R = unknown> {
  readonly sql: string
  readonly values: readonly Value[]
  /** Only a type: no value ever stands here. */
  readonly row?: R
}

export interface Executor {
  /** Sees everything that was committed before the call. */
  read<R>(query: Query<R>): Promise<readonly R[]>
  /** The rows of each, all of them from one moment: no commit falls between two of them. */
  readAtOnce<Rows extends readonly unknown[]>(
    queries: {
      readonly [At in keyof Rows]: Query<Rows[At]>
    },
  ): Promise<{ readonly [At in keyof Rows]: readonly Rows[At][] }>
  /** All of them in one commit, or none; the rows that each returned. `exists`: a unique key was taken. */
  write(queries: readonly Query[]): Promise<Result<readonly (readonly unknown[])[], StoreFault | 'exists'>>
}

/** A statement compiled once; calling it fills in the values, in the order in which they were written. */
export type Statement<R> = (...values: readonly Value[]) => Query<R>

/**
 * Builds with placeholder values of the right types: only their number and order stay. When it is called first: there are
 * some two hundred, and a start or a command needs a few of them.
 */
export function statement<R>(build: () => Compilable<R> | CompiledQuery<R>): Statement<R> {
  let compiled: CompiledQuery<R> | null = null
  return (...values) => {
    if (compiled === null) {
      const built = build()
      compiled = 'compile' in built ? built.compile() : built
    }
    const { sql, parameters } = compiled
    if (values.length !== parameters.length) {
      throw new Error(`${values.length} values for ${parameters.length} places in: ${sql}`)
    }
    return { sql, values }
  }
}

/** Kysely as a compiler alone: it never gets a connection. */
export function compilerFor(engine: 'sqlite' | 'postgres'): Kysely<Tables> {
  const createDriver = () => new DummyDriver()
  if (engine === 'sqlite') {
    return new Kysely<Tables>({
      dialect: {
        createDriver,
        createAdapter: () => new SqliteAdapter(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    })
  }
  return new Kysely<Tables>({
    dialect: {
      createDriver,
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

/** Sizes of `IN` lists that are compiled: a list is padded with its last value to the next of them. */
const LIST_SIZES = [1, 8, 64] as const

/** Statements that look up many keys at once, one per list size; `fixed` values stand before the list. */
export function listStatement<R>(
  build: (size: number) => Compilable<R>,
): (fixed: readonly Value[], keys: readonly string[]) => readonly Query<R>[] {
  const bySize = LIST_SIZES.map((size) => ({ size, fill: statement(() => build(size)) }))
  return (fixed, keys) => {
    const queries: Query<R>[] = []
    let at = 0
    while (at < keys.length) {
      const left = keys.length - at
      const fit = bySize.find((one) => one.size >= left) ?? bySize[bySize.length - 1]
      if (fit === undefined) break
      const some = keys.slice(at, at + fit.size)
      const last = some[some.length - 1] ?? ''
      while (some.length < fit.size) some.push(last)
      queries.push(fit.fill(...fixed, ...some))
      at += fit.size
    }
    return queries
  }
}

/** Placeholders for a list of `size`. */
export const places = (size: number): string[] => new Array<string>(size).fill('')
