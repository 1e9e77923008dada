//
// Owns: what all sessions of the submission listeners share.

import type { Submitter } from '../../core/submission.ts'
import type { FailureBrake } from '../../services/accounts/failure-brake.ts'
import type { Admission, Place } from './admission.ts'
import type { ListenerKind, SessionLimits, SubmissionOptions } from './options.ts'
import type { Reception } from './received.ts'

export interface House {
  readonly hostname: string
  readonly door: SubmissionOptions['door']
  readonly authenticator: SubmissionOptions['authenticator']
  readonly keylessSubmitter: () => Submitter | null
  readonly clock: SubmissionOptions['clock']
  readonly ids: SubmissionOptions['ids']
  readonly log: SubmissionOptions['log']
  readonly meter: SubmissionOptions['meter']
  readonly limits: SessionLimits
  readonly admission: Admission
  readonly brake: FailureBrake
  readonly received: (reception: Reception) => string
  readonly isKeyless: (address: string) => boolean
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
