//
// Owns: /v1/email: sending, and looking up what became of it.

import { Elysia } from 'elysia'
import { parseMessageId } from '../../../core/ids.ts'
import { submitterOf } from '../../../core/submission.ts'
import { sentAnswer } from '../accepted.ts'
import { idempotencyOf } from '../idempotency.ts'
import { EXPLAIN, GET_MESSAGE, SEND } from '../operations/message.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { noSuch } from '../problem.ts'
import { say } from '../say.ts'
import { SendBody } from '../schema/send.ts'
import { readSend } from '../send.ts'
import { ofTemplate, worded } from '../template-send.ts'
import { messageView } from '../view.ts'

export function emailRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  return new Elysia({ prefix: '/v1/email', name: 'email', normalize: false })
    .post(
      '/send',
      async ({ body, request, set }) => {
        const { key } = callerOf(request)
        const submitter = submitterOf(key)
        const idempotency = idempotencyOf(request, body)
        const facts = {
          id: parts.ids.message(),
          now: parts.clock.now(),
          submitter,
          idempotency,
          templates: parts.templates,
          limits: parts.door.limits,
          ways: parts.door.ways,
        }
        const words = await worded(body, key.accountId, parts.templateDesk.published)
        if (!words.ok) return say(words.error, set, parts.ids)
        const read = readSend(words.value.body, facts)
        if (!read.ok) return say(ofTemplate(read.error, words.value.template), set, parts.ids)
        const accepted = await parts.door.submit(read.value)
        return sentAnswer(accepted, set, parts.ids)
      },
      { body: SendBody, ...SEND },
    )
    .get(
      '/:id/explain',
      async ({ params, request, set }) => {
        const { key } = callerOf(request)
        const named = params.id ?? ''
        const id = parseMessageId(named)
        const explanation = id ? await parts.explainer.explain(id, key.accountId) : null
        if (!explanation) return say(noSuch('message', named), set, parts.ids)
        return { success: true, ...explanation } as const
      },
      { ...EXPLAIN },
    )
    .get(
      '/:id',
      async ({ params, request, set }) => {
        const { key } = callerOf(request)
        // The framework gives null for a path that is no valid percent-encoding.
        const named = params.id ?? ''
        const id = parseMessageId(named)
        const message = id ? await parts.messages.get(id, key.accountId) : null
        if (!id || !message) return say(noSuch('message', named), set, parts.ids)
        return messageView(message, await parts.messages.fate(id), parts.clock.now())
      },
      { ...GET_MESSAGE },
    )
}
