//
// Owns: what all sessions of one kind of listener share: of the submission agent, and before it of any.

import type { Submitter } from '../../core/submission.ts'
import type { FailureBrake } from '../../services/accounts/failure-brake.ts'
import type { Admission, Place } from './admission.ts'
import type { ListenerKind, SessionLimits, SubmissionOptions } from './options.ts'
import type { Reception } from './received.ts'

export interface AnyHouse {
  readonly hostname: string
  readonly clock: SubmissionOptions['clock']
  readonly ids: SubmissionOptions['ids']
  readonly log: SubmissionOptions['log']
  readonly meter: SubmissionOptions['meter']
  readonly limits: SessionLimits
  readonly admission: Admission
  readonly maxMessageSize: number
  readonly received: (reception: Reception) => string
  readonly isKeyless: (address: string) => boolean
}

export interface House extends AnyHouse {
  readonly door: SubmissionOptions['door']
  readonly authenticator: SubmissionOptions['authenticator']
  readonly keylessSubmitter: () => Submitter | null
  readonly brake: FailureBrake
}

/** A connection that was let in, before it is a session. The library carries it from accept to connect. */
export class Arrival {
  readonly id: string
  readonly kind: ListenerKind
  readonly keyless: boolean
  readonly place: Place

  constructor(facts: Pick<Arrival, 'id' | 'kind' | 'keyless' | 'place'>) {
    this.id = facts.id
    this.kind = facts.kind
    this.keyless = facts.keyless
    this.place = facts.place
  }
}
