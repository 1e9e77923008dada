//
// Owns: who may ask the API, and how often: bearer key, request limit, and the headers that tell (api.md A and B).

import type { ApiKey } from '../../core/account.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { LimitVerdict } from '../../services/accounts/authenticate.ts'
import { prefixOf } from '../../services/accounts/key-secret.ts'
import type { ApiParts, Caller } from './parts.ts'
import { pathOf } from './path.ts'
import { ProblemError } from './problem.ts'
import { permitted } from './scopes.ts'
import { admitSession, sessionToken } from './session-admission.ts'

export type Headers = Record<string, string | number | undefined>

/** A request and the address it came from. */
export interface Visit {
  readonly request: Request
  readonly peer: string
}

export async function admit(visit: Visit, headers: Headers, parts: ApiParts): Promise<Caller> {
  const { request } = visit
  const secret = bearerIn(request)
  const token = sessionToken(request, secret)
  if (token !== null) return admitPerson(visit, token, headers, parts)
  if (secret === undefined) {
    throw new ProblemError({
      code: 'unauthorized',
      message: 'The Authorization header is missing; want "Authorization: Bearer mwk_live_…".',
    })
  }
  const key = await parts.authenticator.authenticate(secret, visit.peer)
  if (!key) {
    await slowDown(visit.peer, secret, parts)
    throw new ProblemError({ code: 'unauthorized', message: REFUSED })
  }
  await count(key, visit, headers, parts)
  return { key }
}

/** Whether whoever was let in would be let in again: for answers that go on for long. Counts as no request. */
export async function stillAdmitted({ peer, request }: Visit, parts: ApiParts): Promise<boolean> {
  const secret = bearerIn(request)
  const token = sessionToken(request, secret)
  if (token !== null) return (await parts.people.sessions.find(token)) !== null
  const key = await parts.authenticator.authenticate(secret ?? '', peer)
  return key !== null && permitted(key, request.method, pathOf(request.url)).ok
}

const bearerIn = (request: Request): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1]

/** Somebody who is logged in. */
async function admitPerson(visit: Visit, token: string, headers: Headers, parts: ApiParts): Promise<Caller> {
  const caller = await admitSession(visit.request, token, parts)
  // Nobody guesses 238 bits; who waited here would be a page whose session has ended.
  if (!caller) throw new ProblemError({ code: 'unauthorized', message: ENDED })
  await count(caller.key, visit, headers, parts)
  return caller
}

/** What whoever it is may ask, and how often. */
async function count(key: ApiKey, { request }: Visit, headers: Headers, parts: ApiParts): Promise<void> {
  const api = await parts.limiter.take(key.accountId, 'api', 1)
  tell(headers, api)
  if (!api.allowed) {
    throw new ProblemError({
      code: 'too_many_requests',
      message: `The plan ${api.plan.name} allows ${api.plan.apiPerSecond} requests per second.`,
      retryAfter: api.retryAfter,
    })
  }
  const may = permitted(key, request.method, pathOf(request.url))
  if (!may.ok) throw new ProblemError(may.error)
}

/** One answer for all of it: who tries keys out learns nothing. */
const REFUSED = 'This API key is unknown, was revoked, has expired, or is not used from this address.'

const ENDED = 'This session is unknown or has ended; log in again with POST /v1/sessions.'

/** T19: who guesses waits longer with each try; a right key never waits, so nobody is locked out. */
function slowDown(peer: string, secret: string, { brake, clock }: ApiParts): Promise<void> {
  const wait = brake.failed(peer, prefixOf(secret), clock.monotonic())
  return wait === 0 ? Promise.resolve() : new Promise((resolve) => void clock.after(wait, resolve))
}

/** The mail limit joins the answer's headers once the door has counted. */
export function tellMails(headers: Headers, left: number, retryAfter: Milliseconds): void {
  const wait = Math.max(1, Math.ceil(retryAfter / 1000))
  const mail = `"mail";r=${left};t=${wait}`
  headers['ratelimit'] = headers['ratelimit'] === undefined ? mail : `${headers['ratelimit']}, ${mail}`
}

/** draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. Accounts without limits get neither. */
function tell(headers: Headers, { plan, remaining, retryAfter }: LimitVerdict): void {
  const policies: string[] = []
  const left: string[] = []
  const wait = Math.max(1, Math.ceil(retryAfter / 1000))
  if (plan.apiPerSecond !== null) {
    policies.push(`"api";q=${plan.apiPerSecond};w=1`)
    left.push(`"api";r=${remaining ?? 0};t=${wait}`)
  }
  if (plan.mailPerSecond !== null) policies.push(`"mail";q=${plan.mailPerSecond};w=1`)
  if (policies.length > 0) headers['ratelimit-policy'] = policies.join(', ')
  if (left.length > 0) headers['ratelimit'] = left.join(', ')
}
