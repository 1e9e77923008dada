//
// Owns: what a connection is told and what it tells: to whom, how long to wait, what was found.

import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { TlsWish } from './opening.ts'

/** RFC 5321 §4.5.3.2. */
export interface Patience {
  readonly connect: Milliseconds
  readonly greeting: Milliseconds
  readonly command: Milliseconds
  readonly data: Milliseconds
  readonly block: Milliseconds
  readonly finalDot: Milliseconds
  /** How long a connection without work is kept for the next message. */
  readonly idle: Milliseconds
}

export interface Peer {
  /** The MX host name: SNI, and what a certificate is verified against. */
  readonly exchange: string
  /** Literal IPv4 or IPv6. */
  readonly address: string
  readonly port: number
  /** Our own address to speak from; null leaves it to the system. */
  readonly source: string | null
}

export interface ConnectionOptions {
  readonly hostname: string
  readonly patience: Patience
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly tls: TlsWish
  /** Ends whatever is under way, as if the peer had closed. */
  readonly stop: AbortSignal
}

/** What is known of a connection, for evidence. */
export interface ConnectionFacts {
  readonly exchange: string
  readonly address: string
  readonly source: string | null
  readonly tls: { readonly version: string; readonly cipher: string; readonly verified: boolean } | null
  readonly peerSoftware: string | null
}
