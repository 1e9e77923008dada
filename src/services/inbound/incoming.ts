//
// Owns: the words between the inbound edge and the services behind it: one message, and what became of it.

import type { ForwardPath } from '../../core/address.ts'
import type { Fields } from '../../mail/bounces/fields.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import type { Destination } from './recipients.ts'

export interface Incoming {
  /** As the peer wrote it, which need not be a mailbox: for people to read. Null: the null reverse-path. */
  readonly reversePath: string | null
  readonly recipients: ReadonlyMap<ForwardPath, Destination>
  /** Without our Received field. */
  readonly bytes: Uint8Array
  /** Our Received field, ended by CRLF. */
  readonly received: string
  /** The peer's address, and the block that counts as one peer. */
  readonly address: string
  readonly neighbourhood: string
}

/** An incoming message with what everybody asks of it. */
export interface Letterbox extends Incoming {
  readonly header: Fields
  /** SHA-256 of the bytes, hex: the same mail sent twice is known by it. */
  readonly digest: () => string
}

/** What became of it for one recipient. */
export type Intake =
  /** Durable, or of no consequence. */
  | { readonly kind: 'taken'; readonly as: Taken }
  /** Not now: the peer keeps it (451). */
  | { readonly kind: 'later'; readonly why: string }
  /** Not at all, said in session (550). */
  | { readonly kind: 'refused'; readonly enhanced: string; readonly say: string }

/** Counted: one word each. */
export type Taken =
  | 'bounce'
  | 'complaint'
  /** A receiver's success report, passed on to who asked for it. */
  | 'confirmation'
  | 'auto_reply'
  /** Who wrote does not want any more of it. */
  | 'unsubscribe'
  | 'report'
  | 'forwarded'
  | 'posted'
  /** Told before. */
  | 'known'
  /** About mail that retention has taken, or that nobody can name. */
  | 'unmatched'
  /** Nothing that anybody waits for. */
  | 'ignored'

export const taken = (as: Taken): Intake => ({ kind: 'taken', as })
export const later = (why: string): Intake => ({ kind: 'later', why })
export const refused = (enhanced: string, say: string): Intake => ({ kind: 'refused', enhanced, say })

export const notStored = (error: StoreFault): Intake => later(`the store is ${error}`)
