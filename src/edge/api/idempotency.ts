//
// Owns: what the header Idempotency-Key of a request asks for.

import type { Idempotency } from '../../core/submission.ts'
import { MAX_IDEMPOTENCY_KEY } from '../../services/submission/raw-options.ts'
import { bodyHash } from './canonical.ts'
import { ProblemError } from './problem.ts'

export function idempotencyOf(request: Request, body: unknown): Idempotency | null {
  const key = idempotencyKeyOf(request)
  return key === null ? null : { key, bodyHash: bodyHash(body) }
}

export function idempotencyKeyOf(request: Request): string | null {
  const key = request.headers.get('idempotency-key')
  if (key === null) return null
  if (key === '' || Buffer.byteLength(key) > MAX_IDEMPOTENCY_KEY) {
    throw new ProblemError({
      code: 'validation_failed',
      message: `Idempotency-Key has ${Buffer.byteLength(key)} octets; want 1 to ${MAX_IDEMPOTENCY_KEY}.`,
      fields: [
        { path: 'Idempotency-Key', code: 'invalid', message: `want 1 to ${MAX_IDEMPOTENCY_KEY} octets` },
      ],
    })
  }
  return key
}
