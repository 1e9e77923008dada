//
// Owns: the connections for everything but groups: reads, everyday writes, heartbeats, commands, retention.
// Never: lets a caller wait for a server that has fallen silent; the pool is made anew instead.

import type { SQL } from 'bun'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Executor, Query } from '../executor.ts'
import type { Value } from '../rows.ts'
import { type StoreFault, StoreUnavailable } from '../store-fault.ts'
import { troubleOf } from './faults.ts'
import { openPool, STATEMENT_TIMEOUT } from './session.ts'
import type { Transaction } from './writer.ts'

/** Enough to keep both cores of a small machine busy; each is a process on the server. */
const CONNECTIONS = 4
/** Every statement of the transaction sees what the first one saw. */
const ONE_MOMENT = 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY'
const PATIENCE: Milliseconds = 2 * STATEMENT_TIMEOUT

export interface PoolOptions {
  readonly url: string
  readonly clock: Clock
}

export class Pool implements Executor {
  readonly #options: PoolOptions
  #sql: SQL

  constructor(options: PoolOptions) {
    this.#options = options
    this.#sql = this.#open()
  }

  async read<R>({ sql: text, values }: Query<R>): Promise<readonly R[]> {
    return this.#patiently((sql) => sql.unsafe<R[]>(text, [...values]), PATIENCE)
  }

  async readAtOnce<Rows extends readonly unknown[]>(
    queries: {
      readonly [At in keyof Rows]: Query<Rows[At]>
    },
  ) {
    const [, ...rows] = await this.transact((tx) =>
      Promise.all([tx.run(ONE_MOMENT), ...queries.map(({ sql, values }) => tx.run(sql, values))]),
    )
    return rows as { readonly [At in keyof Rows]: readonly Rows[At][] }
  }

  async write(
    queries: readonly Query[],
  ): Promise<Result<readonly (readonly unknown[])[], StoreFault | 'exists'>> {
    try {
      const rows = await this.transact((tx) =>
        Promise.all(queries.map(({ sql, values }) => tx.run(sql, values))),
      )
      return ok(rows)
    } catch (error) {
      const trouble = troubleOf(error)
      if (trouble === 'refused') throw error
      return fault(trouble === 'again' ? 'unavailable' : trouble)
    }
  }

  /** One transaction. `patience` is for work that is known to be long; the statements say so to the server themselves. */
  transact<T>(body: (tx: Transaction) => Promise<T>, patience = PATIENCE): Promise<T> {
    return this.#patiently(
      (sql) =>
        sql.begin((on) =>
          body({
            run: async <R>(text: string, values: readonly Value[] = []) => on.unsafe<R[]>(text, [...values]),
          }),
        ),
      patience,
    )
  }

  close(): Promise<void> {
    return this.#sql.close({ timeout: 5 })
  }

  #open(): SQL {
    return openPool(this.#options.url, { name: 'everyday', max: CONNECTIONS })
  }

  async #patiently<T>(ask: (sql: SQL) => PromiseLike<T>, patience: Milliseconds): Promise<Awaited<T>> {
    const sql = this.#sql
    const cancel = this.#options.clock.after(patience, () => this.#renew(sql))
    try {
      return await ask(sql)
    } catch (error) {
      if (troubleOf(error) !== 'unavailable') throw error
      throw new StoreUnavailable('PostgreSQL is away', { cause: error })
    } finally {
      cancel()
    }
  }

  #renew(silent: SQL): void {
    if (this.#sql !== silent) return
    this.#sql = this.#open()
    void silent.close({ timeout: 0 }).catch(() => undefined)
  }
}
