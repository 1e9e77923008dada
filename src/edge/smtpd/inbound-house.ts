//
// Owns: what all sessions of the inbound MX share.

import type { Certificate } from '../../core/certificate.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { InboundDesk } from '../../services/inbound/inbound.ts'
import type { AnyHouse } from './house.ts'
import type { ListenerPlace, SessionLimits, SubmissionOptions } from './options.ts'

export interface InboundHouse extends AnyHouse {
  readonly desk: InboundDesk
  readonly greetingPause: Milliseconds
}

export interface InboundOptions
  extends Pick<SubmissionOptions, 'hostname' | 'clock' | 'ids' | 'log' | 'meter'> {
  readonly listeners: readonly Pick<ListenerPlace, 'host' | 'port'>[]
  readonly certificate: Certificate
  readonly desk: InboundDesk
  /** Octets of one message. */
  readonly maxMessageSize: number
  /** Before the greeting: who speaks first is no mail server. */
  readonly greetingPause: Milliseconds
  readonly limits?: Partial<SessionLimits>
}
