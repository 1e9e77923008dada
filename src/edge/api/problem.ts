//
// Owns: how the API says no: one shape, real status codes, a closed list of error codes (api.md B, Errors).

import type { Milliseconds } from '../../core/time.ts'
import {
  type FieldFault,
  httpStatusOf,
  REFUSAL_CODES,
  type Refusal,
  type RefusalCode,
} from '../../services/submission/refusal.ts'

const OWN = {
  malformed_json: 400,
  malformed_csv: 400,
  invalid_request: 400,
  unauthorized: 401,
  invalid_login: 401,
  code_required: 401,
  missing_scope: 403,
  live_key_required: 403,
  session_required: 403,
  cross_site_request: 403,
  role_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  already_begun: 409,
  name_taken: 409,
  template_in_use: 409,
  nothing_waits: 409,
  address_taken: 409,
  last_owner: 409,
  default_account: 409,
  too_many_domains: 409,
  already_member: 409,
  codes_already_on: 409,
  codes_not_on: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  invalid_token: 422,
  too_many_requests: 429,
  internal_error: 500,
} as const satisfies Record<string, number>

export type ProblemCode = keyof typeof OWN | RefusalCode

/** Every code that an answer can carry; docs/errors.md is held against it. */
export const PROBLEM_CODES: readonly ProblemCode[] = [
  ...(Object.keys(OWN) as (keyof typeof OWN)[]),
  ...REFUSAL_CODES,
]

export interface Problem {
  readonly code: ProblemCode
  readonly message: string
  readonly fields?: readonly FieldFault[]
  readonly retryAfter?: Milliseconds
}

/** Thrown to the framework by what runs before a handler, and only there; handlers return problems. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

export const fromRefusal = ({ code, say, fields, retryAfter }: Refusal): Problem => ({
  code,
  message: say,
  ...(fields ? { fields } : {}),
  ...(retryAfter === undefined ? {} : { retryAfter }),
})

/** What a test key may not ask for, because it would reach live mail or live keys. */
export const LIVE_KEY_REQUIRED: Problem = {
  code: 'live_key_required',
  message: 'A test key changes nothing that is live; ask with a live key.',
}

/** `named` as the path had it, whatever that is. */
export const noSuch = (
  what: 'message' | 'webhook' | 'key' | 'account' | 'template' | 'domain' | 'route',
  named: string,
): Problem => ({
  code: 'not_found',
  message: `There is no ${what} ${JSON.stringify(named.slice(0, 64).toWellFormed())} in this account.`,
})

export const statusOf = (code: ProblemCode): number =>
  code in OWN ? OWN[code as keyof typeof OWN] : httpStatusOf(code as RefusalCode)

export function problemBody(problem: Problem, requestId: string) {
  return {
    success: false,
    error: {
      code: problem.code,
      message: problem.message,
      fields: problem.fields ?? [],
      request_id: requestId,
      // On the host that answered, which has the page of its own version (routes/docs.ts).
      docs: `/docs/errors#${problem.code}`,
    },
  } as const
}
