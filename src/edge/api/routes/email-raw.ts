//
// Owns: POST /v1/email/raw: a message that is written already, as it would come over SMTP.

import { Elysia } from 'elysia'
import { submitterOf } from '../../../core/submission.ts'
import { sentAnswer } from '../accepted.ts'
import { idempotencyKeyOf } from '../idempotency.ts'
import { SEND_RAW } from '../operations/raw.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { readRawRequest } from '../raw.ts'
import { say } from '../say.ts'

export function rawRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/email', name: 'raw', normalize: false }).post(
    '/raw',
    async ({ body, request, set }) => {
      const { key } = callerOf(request)
      const idempotencyKey = idempotencyKeyOf(request)
      const read = readRawRequest(request, body)
      if (!read.ok) return say(read.error, set, parts.ids)
      const accepted = await parts.door.submitRaw({
        ...read.value,
        source: 'api',
        submitter: submitterOf(key),
        received: null,
        idempotencyKey,
      })
      return sentAnswer(accepted, set, parts.ids)
    },
    SEND_RAW,
  )
}
