//
// Owns: what an error of PostgreSQL or of its driver means to us.
// Never: decides what is done about it.

import { SQL } from 'bun'
import { StoreUnavailable } from '../store-fault.ts'

export type Trouble =
  /** No room on the server's disk. */
  | 'full'
  /** The server is away, starting, stopping, read-only or too slow: nothing is wrong with what we asked. */
  | 'unavailable'
  /** A unique key was taken. */
  | 'exists'
  /** Two transactions stood in each other's way; the same again may go through. */
  | 'again'
  /** The server says that the statement or its values are wrong. */
  | 'refused'

/** SQLSTATE classes (PostgreSQL, appendix A) that speak of the server and not of the statement. */
const AWAY_CLASSES = ['08', '53', '55', '57', '58', 'XX']
/** A standby; a transaction that the server ended because we were silent. */
const AWAY_STATES = ['25006', '25P03']

export function troubleOf(error: unknown): Trouble {
  if (error instanceof StoreUnavailable) return 'unavailable'
  if (!(error instanceof SQL.PostgresError)) return 'refused'
  const state = error.errno
  // Without a state the driver speaks: refused, closed or timed-out connections.
  if (state === undefined) return 'unavailable'
  if (state === '53100') return 'full'
  if (state === '23505') return 'exists'
  if (state === '40001' || state === '40P01') return 'again'
  // 28: it does not know us (yet): an operator's matter, not the mail's.
  if (AWAY_STATES.includes(state) || state.startsWith('28')) return 'unavailable'
  return AWAY_CLASSES.includes(state.slice(0, 2)) ? 'unavailable' : 'refused'
}

/** COMMIT was sent and no answer came: it may have happened or not. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown'
}
