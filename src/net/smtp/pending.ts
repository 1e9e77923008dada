//
// Owns: messages on a connection, in turn, and the promises of how their transactions end.

import type { Mail, TransactionEnd } from './transaction.ts'
import type { Transcript } from './transcript.ts'

/** A message as a connection needs it. */
export interface Outgoing {
  readonly mail: Mail
  /** Framed (data-framing.ts). */
  readonly content: readonly Buffer[]
  /** What is said about it goes in here. */
  readonly transcript: Transcript
}

/** A transaction that somebody waits for, or will. */
interface Pending {
  readonly outgoing: Outgoing
  readonly end: Promise<TransactionEnd>
  settle(end: TransactionEnd): void
}

/** What goes behind another message and gets no answer can go elsewhere without harm. */
const NEVER_HEARD: TransactionEnd = {
  kind: 'failed',
  cause: { kind: 'network', at: 'dialogue', detail: 'the connection ended before the peer heard of it' },
  untouched: true,
}

/** The messages of a connection: the one under way, the one begun right behind it (RFC 2920 §3.1). */
export class Turns {
  #current: Pending | null = null
  #next: Pending | null = null
  /** Begun, and not asked for yet by those who wait for their end. */
  #unclaimed: Pending[] = []

  get current(): Outgoing | null {
    return this.#current?.outgoing ?? null
  }

  /** Something was written behind the current one's content. */
  get following(): boolean {
    return this.#next !== null
  }

  get allClaimed(): boolean {
    return this.#unclaimed.length === 0
  }

  holds(outgoing: Outgoing): boolean {
    return this.#unclaimed.some((pending) => pending.outgoing === outgoing)
  }

  /** How a message ends that went out behind another. */
  claim(outgoing: Outgoing): Promise<TransactionEnd> | null {
    const at = this.#unclaimed.findIndex((pending) => pending.outgoing === outgoing)
    return at === -1 ? null : (this.#unclaimed.splice(at, 1)[0]?.end ?? null)
  }

  begin(outgoing: Outgoing): Promise<TransactionEnd> {
    this.#current = pendingOf(outgoing)
    return this.#current.end
  }

  follow(outgoing: Outgoing): void {
    this.#next = pendingOf(outgoing)
    this.#unclaimed.push(this.#next)
  }

  ended(end: TransactionEnd): void {
    const ended = this.#current
    this.#current = this.#next
    this.#next = null
    ended?.settle(end)
  }

  /** The connection is over: nobody will answer what was begun. */
  over(): void {
    const begun = this.#current
    this.#current = null
    begun?.settle(NEVER_HEARD)
  }
}

function pendingOf(outgoing: Outgoing): Pending {
  const { promise, resolve } = Promise.withResolvers<TransactionEnd>()
  return { outgoing, end: promise, settle: resolve }
}
