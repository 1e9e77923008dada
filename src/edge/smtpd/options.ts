//
// Owns: what the submission listeners are told, and every limit they keep, with unit and reason.
// Never: reads the configuration; the composition root hands values in.

import type { Certificate } from '../../core/certificate.ts'
import type { Ids } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { Submitter } from '../../core/submission.ts'
import { HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Authenticator } from '../../services/accounts/authenticate.ts'
import type { FailureBrake } from '../../services/accounts/failure-brake.ts'
import type { Door } from '../../services/submission/door.ts'

/** `starttls` and `tls` take keys; `plain` offers no TLS and so no AUTH (T4). */
export type ListenerKind = 'starttls' | 'tls' | 'plain'

export interface ListenerPlace {
  readonly kind: ListenerKind
  /** A literal address without brackets, or `localhost`. `::` is dual stack. */
  readonly host: string
  /** 0: the system chooses. */
  readonly port: number
}

/** A block of addresses (RFC 4632 §3.1, RFC 4291 §2.3). */
export interface Network {
  readonly address: string
  readonly prefix: number
}

export interface SubmissionOptions {
  /** Our name in the greeting, the EHLO reply and the Received line. */
  readonly hostname: string
  readonly listeners: readonly ListenerPlace[]
  /** Not needed when every listener is plain. */
  readonly certificate: Certificate | null
  readonly door: Door
  readonly authenticator: Authenticator
  /** Shared with the other edges: a guesser gets no second series of tries by changing the door. */
  readonly brake: FailureBrake
  readonly keylessNetworks: readonly Network[]
  /** As whom peers of the keyless networks submit; null while that account does not exist. */
  readonly keylessSubmitter: () => Submitter | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  readonly limits?: Partial<SessionLimits>
}

export interface SessionLimits {
  /** Wait for the next command (RFC 5321 §4.5.3.2.7 asks for at least five minutes). */
  readonly commandDeadline: Milliseconds
  /** Silence between two pieces of a message (§4.5.3.2.5 gives a client three minutes for one). */
  readonly dataPause: Milliseconds
  /** From 354 to the final dot, however fast: nobody sends one message for longer. */
  readonly dataDeadline: Milliseconds
  /** Octets per second of a message on the average; slower is no slow line, it is a held slot (T17). */
  readonly dataRate: number
  /** How long a message may be slower than that: a lost segment is not an attack. */
  readonly dataRateGrace: Milliseconds
  /** Errors after which every further one is answered late. */
  readonly softErrors: number
  /** Errors after which the session ends. */
  readonly hardErrors: number
  readonly errorDelay: Milliseconds
  /** Failed AUTH commands in one session. */
  readonly authFailures: number
  /** Octets of messages that are on their way in, declared or received, over all sessions. */
  readonly bytesInFlight: number
  readonly connections: number
  /** Of those, how many are kept for peers that have proven who they are. */
  readonly connectionsReserved: number
  readonly connectionsPerAddress: number
  readonly connectionsPerKey: number
  /** Longest wait for a rate limit to pass before 450 4.7.1 (api.md B, Rate-limit headers). */
  readonly rateLimitWait: Milliseconds
}

export const SESSION_LIMITS: SessionLimits = {
  commandDeadline: 5 * MINUTE,
  dataPause: 3 * MINUTE,
  dataDeadline: HOUR,
  dataRate: 500,
  dataRateGrace: MINUTE,
  softErrors: 10,
  hardErrors: 20,
  errorDelay: SECOND,
  authFailures: 5,
  bytesInFlight: 128 * 1024 * 1024,
  connections: 1000,
  connectionsReserved: 200,
  connectionsPerAddress: 100,
  connectionsPerKey: 200,
  rateLimitWait: 5 * SECOND,
}
