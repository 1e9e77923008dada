//
// Owns: the one connection on which groups are committed: opening it again when it was lost, and finding out what
// became of a commit whose answer did not come.
// Never: knows what is written.
//
// A lost answer is never taken for a yes. The old backend is ended before the new connection writes, so that nothing
// of it can commit behind our back; then whoever had leases in that commit gets to put them right (`onDoubt`).

import type { ReservedSQL, SQL } from 'bun'
import type { Clock, Log } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Value } from '../rows.ts'
import { StoreUnavailable } from '../store-fault.ts'
import { CommitUnknown, troubleOf } from './faults.ts'
import { assertDurable, openPool, STATEMENT_TIMEOUT } from './session.ts'

/** Statements are sent at once and answered in order; awaiting one waits for those before it. */
export interface Transaction {
  run<R>(text: string, values?: readonly Value[]): Promise<readonly R[]>
}

export interface WriterOptions {
  readonly url: string
  readonly clock: Clock
  readonly log: Log
  /** Runs on a fresh connection after a commit whose fate is unknown, before anything else; what it returns, after it. */
  readonly onDoubt: (tx: Transaction) => Promise<() => void>
}

/** Two statements' time: a server that is silent for longer is gone, whatever TCP thinks. */
const PATIENCE: Milliseconds = 2 * STATEMENT_TIMEOUT
const FIRST_PAUSE: Milliseconds = 50
/** Recovery is promised within 5 s of the repair. */
const LONGEST_PAUSE: Milliseconds = SECOND

interface Backend {
  readonly pid: number
  readonly started: string
}

interface Line {
  readonly pool: SQL
  readonly sql: ReservedSQL
  readonly backend: Backend
}

export class Writer {
  readonly #options: WriterOptions
  #line: Line | null = null
  /** Backends that may still be busy with a commit of ours. */
  #doubtful: Backend[] = []
  #pause: Milliseconds = 0
  #retryAt: Milliseconds = 0

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Throws `CommitUnknown` when only the answer to COMMIT is missing, else the error: then nothing was written. */
  async transact<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    const line = await this.#connected()
    const cancel = this.#options.clock.after(PATIENCE, () => this.#abandon(line))
    try {
      return await this.#inside(line, body)
    } catch (error) {
      if (error instanceof CommitUnknown || troubleOf(error) === 'unavailable') this.#abandon(line)
      throw error
    } finally {
      cancel()
    }
  }

  async close(): Promise<void> {
    const line = this.#line
    this.#line = null
    if (!line) return
    await line.sql.release()
    await line.pool.close({ timeout: 1 })
  }

  async #inside<T>(line: Line, body: (tx: Transaction) => Promise<T>): Promise<T> {
    const begun = line.sql.unsafe('BEGIN').execute()
    const tx = new OpenTransaction(line.sql)
    let value: T
    try {
      // The body's first statement travels with BEGIN; a failed BEGIN fails the body as well.
      ;[value] = await Promise.all([body(tx), begun])
    } catch (error) {
      tx.end()
      if (troubleOf(error) !== 'unavailable') await line.sql.unsafe('ROLLBACK')
      throw error
    }
    try {
      await line.sql.unsafe('COMMIT')
    } catch (error) {
      if (troubleOf(error) !== 'unavailable') throw error
      this.#doubtful.push(line.backend)
      throw new CommitUnknown('the answer to COMMIT was lost', { cause: error })
    }
    return value
  }

  async #connected(): Promise<Line> {
    if (this.#line) return this.#line
    const { clock, log } = this.#options
    if (clock.monotonic() < this.#retryAt) throw new StoreUnavailable('PostgreSQL is away')
    try {
      this.#line = await this.#open()
      if (this.#pause > 0) log.info('PostgreSQL is back')
      this.#pause = 0
      return this.#line
    } catch (error) {
      this.#pause = Math.min(Math.max(this.#pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
      this.#retryAt = clock.monotonic() + this.#pause
      log.warn('PostgreSQL cannot be reached', { error: String(error), again_in_ms: this.#pause })
      throw new StoreUnavailable('PostgreSQL is away', { cause: error })
    }
  }

  async #open(): Promise<Line> {
    const pool = openPool(this.#options.url, { name: 'writer', max: 1 })
    try {
      const sql = await pool.reserve()
      await assertDurable(sql)
      const [backend] = await sql.unsafe<Backend[]>(
        'SELECT pid, backend_start::text AS started FROM pg_stat_activity WHERE pid = pg_backend_pid()',
      )
      if (!backend) throw new StoreUnavailable('PostgreSQL does not know its own backend')
      const line = { pool, sql, backend }
      await this.#clearDoubts(line)
      return line
    } catch (error) {
      await pool.close({ timeout: 0 })
      throw error
    }
  }

  async #clearDoubts(line: Line): Promise<void> {
    if (this.#doubtful.length === 0) return
    for (const { pid, started } of this.#doubtful) {
      // By its start as well: pids come again, and another host has its own.
      await line.sql.unsafe(
        `SELECT pg_terminate_backend(pid, ${STATEMENT_TIMEOUT / 2}) FROM pg_stat_activity
          WHERE pid = $1 AND backend_start = $2::timestamptz`,
        [pid, started],
      )
    }
    const cleared = await this.#inside(line, this.#options.onDoubt)
    cleared()
    this.#doubtful = []
  }

  #abandon(line: Line): void {
    if (this.#line !== line) return
    this.#line = null
    this.#options.log.warn('the connection to PostgreSQL was lost')
    // Pending statements reject now; the server ends the transaction with the connection.
    void line.pool.close({ timeout: 0 }).catch(() => undefined)
  }
}

/**
 * Parts of a body run side by side. When one fails the others may still be about to send: after ROLLBACK that would be
 * written by itself, so nothing more goes out.
 */
class OpenTransaction implements Transaction {
  readonly #sql: ReservedSQL
  #ended = false

  constructor(sql: ReservedSQL) {
    this.#sql = sql
  }

  end(): void {
    this.#ended = true
  }

  run<R>(text: string, values: readonly Value[] = []): Promise<readonly R[]> {
    if (this.#ended) return Promise.reject(new StoreUnavailable('the transaction has ended'))
    return this.#sql.unsafe<R[]>(text, [...values]).execute()
  }
}
