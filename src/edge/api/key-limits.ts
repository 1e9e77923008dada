//
// Owns: the limits of a key out of a body, and what is wrong with them in the words of the API.

import type { KeyAccess } from '../../core/access.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import { type AccessFault, readAccess } from '../../services/accounts/key-access.ts'
import type { Problem } from './problem.ts'
import { invalid, timeIn } from './query.ts'
import type { LimitsBody } from './schema/keys.ts'

/** `operator` is given on the machine alone; a key that has it keeps it. */
export function readLimits(body: LimitsBody, base: KeyAccess, now: Milliseconds): Result<KeyAccess, Problem> {
  const { expires_at, ...lists } = body
  const at = timeIn(expires_at, 'expires_at')
  if (!at.ok) return at
  const expiry = expires_at === undefined ? {} : { expiresAt: at.value }
  const access = readAccess({ ...lists, ...expiry }, base, now)
  if (!access.ok) return fault(accessProblem(access.error))
  const isRaised = lists.scopes !== undefined && access.value.scopes.includes('operator')
  return isRaised ? fault(OPERATOR) : ok(access.value)
}

export function accessProblem({ kind, message, path }: AccessFault): Problem {
  if (kind === 'invalid') return invalid(path, message)
  return {
    code: 'key_restricted',
    message: `${path} ${message}.`,
    fields: [{ path, code: 'key_restricted', message }],
  }
}

const OPERATOR: Problem = {
  code: 'key_restricted',
  message: 'The scope operator is given on the machine alone: mailwok key create --scope operator.',
  fields: [{ path: 'scopes', code: 'key_restricted', message: 'operator is given on the machine alone' }],
}
