//
// Owns: POST /v1/email/batch: many messages in one request and one commit.

import { Elysia } from 'elysia'
import type { Result } from '../../../core/result.ts'
import { type Submission, submitterOf } from '../../../core/submission.ts'
import type { EntryEnd } from '../../../services/submission/door.ts'
import { refusesAll } from '../../../services/submission/refusal.ts'
import { tellMails } from '../admission.ts'
import { readBatch } from '../batch.ts'
import { idempotencyOf } from '../idempotency.ts'
import { SEND_BATCH } from '../operations/batch.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, type Problem } from '../problem.ts'
import { say } from '../say.ts'
import { BatchBody } from '../schema/batch.ts'
import { Turns } from '../turns.ts'

export function batchRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  const turns = new Turns(parts.clock)
  return new Elysia({ prefix: '/v1/email', name: 'batch', normalize: false }).post(
    '/batch',
    async ({ body, request, set }) => {
      const { key } = callerOf(request)
      const { clock, door, ids, templates } = parts
      const submitter = submitterOf(key)
      const idempotency = idempotencyOf(request, body)
      const entries = await readBatch(body, {
        id: () => ids.message(),
        now: clock.now(),
        submitter,
        templates,
        published: parts.templateDesk.published.forOneRequest(),
        limits: door.limits,
        ways: door.ways,
        monotonic: () => clock.monotonic(),
        turn: (spent) => turns.next(key.accountId, spent),
      })
      const whole = body.mode === 'strict'
      const bad = whole ? firstFault(entries) : null
      if (bad) return say(bad, set, ids)
      const done = await door.submitAll({ submitter, idempotency, entries, whole })
      if (!done.ok) {
        const { code, retryAfter } = done.error
        if (code === 'rate_limited') tellMails(set.headers, 0, retryAfter ?? 0)
        return say(fromRefusal(done.error), set, ids)
      }
      const { ends, mailsLeft, replayed } = done.value
      if (replayed) set.headers['idempotency-replayed'] = 'true'
      if (mailsLeft !== undefined) tellMails(set.headers, mailsLeft, 0)
      const accepted = ends.reduce((sum, end) => sum + ('accepted' in end ? 1 : 0), 0)
      return { success: true, accepted, refused: ends.length - accepted, data: ends.map(endView) } as const
    },
    { body: BatchBody, ...SEND_BATCH },
  )
}

function firstFault(entries: readonly Result<Submission, Problem>[]): Problem | null {
  for (const [place, entry] of entries.entries()) {
    if (entry.ok) continue
    const { fields = [], message, ...problem } = entry.error
    const path = `messages[${place}]`
    return {
      ...problem,
      message: refusesAll(path, message),
      fields: fields.map((field) => ({ ...field, path: field.path === '' ? path : `${path}.${field.path}` })),
    }
  }
  return null
}

function endView(end: EntryEnd) {
  if ('refused' in end) {
    const { code, fields = [], message } = end.refused
    return { success: false, error: { code, message, fields } } as const
  }
  const { estimatedDelivery, messageId, status } = end.accepted
  return {
    success: true,
    message_id: messageId,
    status,
    ...(status === 'scheduled' ? { scheduled_at: estimatedDelivery } : null),
  } as const
}
