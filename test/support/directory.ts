//
// Owns: the store's directory over SQLite in memory: the real statements and schema, without writer thread and file.

import { Database, type SQLQueryBindings } from 'bun:sqlite'
import { fault, ok, type Result } from '../../src/core/result.ts'
import { directoryOf } from '../../src/store/directory/directory.ts'
import type { Executor, Query } from '../../src/store/executor.ts'
import { MIGRATIONS } from '../../src/store/migrations/migration.ts'
import type { DirectoryStore } from '../../src/store/store.ts'
import type { StoreFault } from '../../src/store/store-fault.ts'

export interface CountedDirectory extends DirectoryStore {
  /** How often the store was asked or written to. */
  readonly calls: { reads: number; writes: number }
}

export function memoryDirectory(): CountedDirectory {
  const { executor, calls } = memoryExecutor()
  return { ...directoryOf('sqlite', executor), calls }
}

/** For other sections of the store. */
export function memoryExecutor(): { readonly executor: Executor } & Pick<CountedDirectory, 'calls'> {
  const db = new Database(':memory:', { strict: true })
  for (const { sqlite } of MIGRATIONS) db.run(sqlite)
  const calls = { reads: 0, writes: 0 }
  const all = (query: Query): unknown[] => db.query(query.sql).all(...(query.values as SQLQueryBindings[]))
  const executor: Executor = {
    read<R>(query: Query<R>) {
      calls.reads++
      return Promise.resolve(all(query) as R[])
    },
    async readAtOnce<Rows extends readonly unknown[]>(
      queries: {
        readonly [At in keyof Rows]: Query<Rows[At]>
      },
    ) {
      calls.reads++
      return queries.map(all) as unknown as { readonly [At in keyof Rows]: readonly Rows[At][] }
    },
    write(queries) {
      calls.writes++
      return Promise.resolve(written(() => db.transaction(() => queries.map(all))()))
    },
  }
  return { executor, calls }
}

function written(run: () => unknown[][]): Result<unknown[][], StoreFault | 'exists'> {
  try {
    return ok(run())
  } catch (error) {
    if (error instanceof Error && /UNIQUE/.test(error.message)) return fault('exists')
    throw error
  }
}
