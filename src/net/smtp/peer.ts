//
// Owns: what a connection is told and what it tells: to whom, how long to wait, what was found.

import ipaddr from 'ipaddr.js'
import type { Cause, TlsSession } from '../../core/outcome.ts'
import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Credentials } from './authentication.ts'
import type { TlsDemand, TlsFacts, Trust } from './security.ts'

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

export const isLoopback = (address: string): boolean => ipaddr.process(address).range() === 'loopback'

/** What we say of ourselves, and what we demand, before the first message. */
export interface Hail extends TlsDemand {
  /** RFC 5321 §4.1.1.1. */
  readonly hello: string
  readonly auth: Credentials | null
  /** RFC 8314 §3.3: the handshake comes before the greeting. */
  readonly implicitTls: boolean
}

/** The same for all connections of a worker. */
export interface Ground {
  readonly patience: Patience
  readonly clock: Clock
  readonly trust: Trust
  /** Ends whatever is under way, as if the peer had closed. */
  readonly stop: AbortSignal
}

/** What is known of a connection. */
export interface ConnectionFacts {
  readonly exchange: string
  readonly address: string
  readonly source: string | null
  readonly tls: TlsFacts | null
  readonly peerSoftware: string | null
}

/** A connection that did not get as far as its first message. */
export interface Unopened {
  readonly cause: Cause
  readonly facts: ConnectionFacts
  readonly session: TlsSession | null
}
