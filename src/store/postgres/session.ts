//
// Owns: how every connection to PostgreSQL is set up, and the proof that the server keeps what it commits.

import { SQL } from 'bun'
import { SECOND } from '../../core/time.ts'
import { StoreUnavailable } from '../store-fault.ts'

/** Longer than any statement of ours takes on a busy disk; shorter than a client waits for its 250. */
export const STATEMENT_TIMEOUT = 10 * SECOND
/** A host that does not answer SYN. */
const CONNECT_TIMEOUT = 5 * SECOND

/**
 * Sent when a connection opens, so that no pooled connection can miss them. The planner is told to go by index: its
 * figures are minutes old while a queue grows from nothing to millions, and a plan that was right for the empty
 * table reads the full one from end to end. Since there is one way by index, planning it anew for other values is a
 * waste: a fifth of what a small group costs.
 */
const SESSION = {
  synchronous_commit: 'on',
  statement_timeout: STATEMENT_TIMEOUT,
  lock_timeout: STATEMENT_TIMEOUT / 2,
  // The server lets go of our locks when this process is frozen or cut off inside a transaction.
  idle_in_transaction_session_timeout: STATEMENT_TIMEOUT,
  jit: 'off',
  default_transaction_isolation: 'read committed',
  client_encoding: 'UTF8',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  plan_cache_mode: 'force_generic_plan',
}

export function openPool(url: string, use: { readonly name: string; readonly max: number }): SQL {
  return new SQL({
    url,
    adapter: 'postgres',
    max: use.max,
    connectionTimeout: CONNECT_TIMEOUT / SECOND,
    connection: { ...SESSION, application_name: `mailwok ${use.name}` },
  })
}

/** For who reads all of it, as long as that takes; by the planner's own choice. */
export const openReader = (url: string): SQL =>
  new SQL({
    url,
    adapter: 'postgres',
    max: 1,
    connectionTimeout: CONNECT_TIMEOUT / SECOND,
    connection: {
      default_transaction_read_only: 'on',
      client_encoding: 'UTF8',
      application_name: 'mailwok check',
    },
  })

interface SettingsRow {
  readonly version: number
  readonly recovery: boolean
  readonly encoding: string
  readonly fsync: string
  readonly full_page_writes: string
  readonly synchronous_commit: string
}

const OLDEST_VERSION = 14_00_00

/** The store cannot be used as it is: an operator must act. Retrying is of no use. */
export class UnfitServer extends Error {
  override readonly name = 'UnfitServer'
}

/** Refuses a server that would lose what it acknowledged. */
export async function assertDurable(sql: SQL): Promise<void> {
  const [row] = await sql.unsafe<SettingsRow[]>(`
    SELECT current_setting('server_version_num')::int AS version,
           pg_is_in_recovery() AS recovery,
           current_setting('server_encoding') AS encoding,
           current_setting('fsync') AS fsync,
           current_setting('full_page_writes') AS full_page_writes,
           current_setting('synchronous_commit') AS synchronous_commit`)
  if (!row) throw new StoreUnavailable('PostgreSQL did not tell its settings')
  if (row.version < OLDEST_VERSION) throw new UnfitServer('PostgreSQL 14 or newer is needed')
  if (row.encoding !== 'UTF8') throw new UnfitServer(`the database's encoding is ${row.encoding}; want UTF8`)
  for (const key of ['fsync', 'full_page_writes', 'synchronous_commit'] as const) {
    if (row[key] === 'off')
      throw new UnfitServer(`PostgreSQL has ${key}=off: acknowledged mail could be lost`)
  }
  if (row.recovery) throw new StoreUnavailable('this PostgreSQL is a standby; want the primary')
}
