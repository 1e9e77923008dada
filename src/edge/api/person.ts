//
// Owns: what routes of people see of a request: whose session it comes with, from which address.

import { neighbourhood } from '../../config/networks.ts'
import type { Actor } from '../../services/people/roles.ts'
import type { Caller, CallerPerson } from './parts.ts'
import type { Problem } from './problem.ts'

export interface AtTheDoor {
  readonly callerOf: (request: Request) => Caller
  readonly peerOf: (request: Request) => string
}

/** Of whom wrong passwords are counted together: an IPv6 customer has more addresses than anybody can count. */
export const guesserOf = ({ peerOf }: AtTheDoor, request: Request): string => neighbourhood(peerOf(request))

/** Null: a key asks. */
export const personOf = ({ callerOf }: AtTheDoor, request: Request): CallerPerson | null =>
  callerOf(request).person ?? null

export const SESSION_REQUIRED: Problem = {
  code: 'session_required',
  message: 'This is for people who are logged in, with the token of POST /v1/sessions; a key is nobody.',
}

export const actorOf = ({ key, person }: Caller): Actor =>
  person
    ? { kind: 'user', id: person.session.userId, role: person.role }
    : { kind: 'key', id: key.id, access: key }

/** What a test key does must not change who comes in. */
export const LIVE_KEY_REQUIRED: Problem = {
  code: 'live_key_required',
  message: 'A test key changes nothing of people; use a live key, or log in.',
}
