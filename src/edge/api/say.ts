//
// Owns: writing a problem as an answer.

import type { Ids } from '../../core/ids.ts'
import type { Headers } from './admission.ts'
import { type Problem, problemBody, statusOf } from './problem.ts'

/** What a handler returns to say no; also used by the error hook. */
export function say(problem: Problem, set: { status?: number | string; headers: Headers }, ids: Ids) {
  set.status = statusOf(problem.code)
  if (problem.retryAfter !== undefined) {
    set.headers['retry-after'] = String(Math.max(1, Math.ceil(problem.retryAfter / 1000)))
  }
  if (problem.code === 'unauthorized') set.headers['www-authenticate'] = 'Bearer'
  return problemBody(problem, String(set.headers['x-request-id'] ?? ids.request()))
}
