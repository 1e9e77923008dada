//
// Owns: who may ask the API, and how often: bearer key, request limit, and the headers that tell (api.md A and B).

import type { LimitVerdict } from '../../services/accounts/authenticate.ts'
import type { ApiParts, Caller } from './parts.ts'
import { ProblemError } from './problem.ts'

export type Headers = Record<string, string | number | undefined>

export async function admit(request: Request, headers: Headers, parts: ApiParts): Promise<Caller> {
  const secret = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (secret === undefined) {
    throw new ProblemError({
      code: 'unauthorized',
      message: 'The Authorization header is missing; want "Authorization: Bearer mwk_live_…".',
    })
  }
  const key = await parts.authenticator.authenticate(secret)
  if (!key) {
    throw new ProblemError({ code: 'unauthorized', message: 'This API key is unknown or was revoked.' })
  }
  const api = await parts.limiter.take(key.accountId, 'api', 1)
  tell(headers, api)
  if (!api.allowed) {
    throw new ProblemError({
      code: 'too_many_requests',
      message: `The plan ${api.plan.name} allows ${api.plan.apiPerSecond} requests per second.`,
      retryAfter: api.retryAfter,
    })
  }
  return { key, limit: api }
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
