//
// Owns: /v1/users: who may act for an account.

import { Elysia } from 'elysia'
import { type Member, parseUserId } from '../../../core/person.ts'
import { freshCaller } from '../fresh-caller.ts'
import { CHANGE_USER, GET_USER, LIST_USERS, REMOVE_USER } from '../operations/people.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { memberProblem, userView } from '../people-view.ts'
import { type AtTheDoor, actorOf, LIVE_KEY_REQUIRED } from '../person.ts'
import { say } from '../say.ts'
import { MemberBody } from '../schema/people.ts'

export function userRoutes(parts: Pick<ApiParts, 'people' | 'ids' | 'keys'>, { callerOf }: AtTheDoor) {
  const { members } = parts.people
  return new Elysia({ prefix: '/v1/users', name: 'users', normalize: false })
    .get(
      '',
      async ({ request }) => {
        const all = await members.list(callerOf(request).key.accountId)
        return { success: true, data: all.map(userView), has_more: false } as const
      },
      { ...LIST_USERS },
    )
    .get(
      '/:id',
      async ({ params, request, set }) => {
        const member = await find(parts, params.id, callerOf(request))
        if (!member) return say(memberProblem('unknown'), set, parts.ids)
        return { success: true, user: userView(member) } as const
      },
      { ...GET_USER },
    )
    .patch(
      '/:id',
      async ({ body, params, request, set }) => {
        const fresh = await freshCaller(parts, callerOf(request), request)
        if (!fresh.ok) return say(fresh.error, set, parts.ids)
        const caller = fresh.value
        if (caller.key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, parts.ids)
        const member = await find(parts, params.id, caller)
        if (!member) return say(memberProblem('unknown'), set, parts.ids)
        const changed = await members.change(actorOf(caller), member, body)
        if (!changed.ok) return say(memberProblem(changed.error), set, parts.ids)
        return { success: true, user: userView(changed.value) } as const
      },
      { body: MemberBody, ...CHANGE_USER },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const fresh = await freshCaller(parts, callerOf(request), request)
        if (!fresh.ok) return say(fresh.error, set, parts.ids)
        const caller = fresh.value
        if (caller.key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, parts.ids)
        const member = await find(parts, params.id, caller)
        if (!member) return say(memberProblem('unknown'), set, parts.ids)
        const removed = await members.remove(actorOf(caller), member)
        if (!removed.ok) return say(memberProblem(removed.error), set, parts.ids)
        return { success: true, removed: 1 } as const
      },
      { ...REMOVE_USER },
    )
}

async function find(
  { people }: Pick<ApiParts, 'people'>,
  named: string | undefined | null,
  { key }: Caller,
): Promise<Member | null> {
  const id = parseUserId(named ?? '')
  return id === null ? null : people.members.get(key.accountId, id)
}
