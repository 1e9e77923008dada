//
// Owns: a listener of the submission agent: it makes its sessions, and brings them the AUTH that the library has read.

import type { SMTPServerAuthentication, SMTPServerSession } from 'smtp-server'
import type { Certificate } from '../../core/certificate.ts'
import type { Arrival, House } from './house.ts'
import type { AuthAnswer } from './introduction.ts'
import { SmtpListener } from './listener.ts'
import type { ListenerPlace } from './options.ts'
import { SubmissionSession } from './session.ts'

export class SubmissionListener extends SmtpListener<SubmissionSession> {
  readonly #house: House

  constructor(
    place: ListenerPlace,
    context: { house: House; certificate: Certificate | null; strangersWelcome: boolean },
  ) {
    super(place, context)
    this.#house = context.house
  }

  override onAuth(auth: SMTPServerAuthentication, session: SMTPServerSession, answer: AuthAnswer): void {
    const asking = this.sessionOf(session)
    if (asking) asking.authenticate(auth.password ?? '', answer)
    else answer(null, { responseCode: 454, message: 'Temporary authentication failure' })
  }

  protected session(socket: SubmissionSession['_socket'], arrival: Arrival): SubmissionSession {
    return new SubmissionSession(this, socket, { house: this.#house, arrival })
  }
}
