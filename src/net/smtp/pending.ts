//
// Owns: a message on a connection, and the promise of how its transaction ends.

import type { Mail, TransactionEnd } from './transaction.ts'

/** A message as a connection needs it. */
export interface Outgoing {
  readonly mail: Mail
  /** Framed (data-framing.ts). */
  readonly content: readonly Buffer[]
}

/** A transaction that somebody waits for, or will. */
export interface Pending {
  readonly outgoing: Outgoing
  readonly end: Promise<TransactionEnd>
  settle(end: TransactionEnd): void
}

/** What goes behind another message and gets no answer can go elsewhere without harm. */
export const NEVER_HEARD: TransactionEnd = {
  kind: 'failed',
  cause: { kind: 'network', at: 'dialogue', detail: 'the connection ended before the peer heard of it' },
  untouched: true,
}

export function pendingOf(outgoing: Outgoing): Pending {
  const { promise, resolve } = Promise.withResolvers<TransactionEnd>()
  return { outgoing, end: promise, settle: resolve }
}
