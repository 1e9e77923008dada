//
// Owns: /v1/password-resets: a new password for who has forgotten his.

import { Elysia } from 'elysia'
import { ASK_RESET, CONFIRM_RESET } from '../operations/people.ts'
import type { ApiParts } from '../parts.ts'
import { personProblem } from '../people-view.ts'
import type { AtTheDoor } from '../person.ts'
import { say } from '../say.ts'
import { ResetBody, ResetConfirmBody } from '../schema/people.ts'

type Parts = Pick<ApiParts, 'people' | 'trail' | 'ids'>

export const passwordResetRoutes = ({ ids, people, trail }: Parts, { peerOf }: AtTheDoor) =>
  new Elysia({ prefix: '/v1/password-resets', name: 'password-resets', normalize: false })
    .post(
      '',
      ({ body }) => {
        people.resets.ask(body.email)
        return { success: true } as const
      },
      { body: ResetBody, ...ASK_RESET },
    )
    .post(
      '/confirm',
      async ({ body, request, set }) => {
        const done = await people.resets.confirm(body.token, body.password)
        if (!done.ok) return say(personProblem(done.error), set, ids)
        const { address, id } = done.value
        const details = {
          name: address,
          peer: peerOf(request),
          requestId: String(set.headers['x-request-id'] ?? ''),
        }
        for (const { accountId } of await people.store.memberships(id)) {
          await trail.note({ accountId, actor: id, action: 'password reset', subject: id, details })
        }
        return { success: true } as const
      },
      { body: ResetConfirmBody, ...CONFIRM_RESET },
    )
