//
// Owns: /v1/invitations: asking somebody in, taking that back, and coming in.

import { Elysia } from 'elysia'
import { parseMailbox } from '../../../core/address.ts'
import { parseInvitationId } from '../../../core/person.ts'
import { limitRefusal } from '../../../services/submission/limit-refusal.ts'
import { freshCaller } from '../fresh-caller.ts'
import { ACCEPT, INVITE, LIST_INVITATIONS, REVOKE_INVITATION } from '../operations/people.ts'
import type { ApiParts } from '../parts.ts'
import { invitationView, memberProblem, personProblem } from '../people-view.ts'
import { type AtTheDoor, actorOf, guesserOf, LIVE_KEY_REQUIRED } from '../person.ts'
import { fromRefusal } from '../problem.ts'
import { invalid } from '../query.ts'
import { say } from '../say.ts'
import { AcceptBody, InviteBody } from '../schema/people.ts'

type Parts = Pick<ApiParts, 'people' | 'trail' | 'ids' | 'keys' | 'limiter'>

export function invitationRoutes(parts: Parts, door: AtTheDoor) {
  const { callerOf } = door
  const { invitations } = parts.people
  return new Elysia({ prefix: '/v1/invitations', name: 'invitations', normalize: false })
    .use(acceptRoute(parts, door))
    .get(
      '',
      async ({ request }) => {
        const open = await invitations.list(callerOf(request).key.accountId)
        return { success: true, data: open.map(invitationView), has_more: false } as const
      },
      { ...LIST_INVITATIONS },
    )
    .post(
      '',
      async ({ body, request, set }) => {
        const fresh = await freshCaller(parts, callerOf(request), request)
        if (!fresh.ok) return say(fresh.error, set, parts.ids)
        const caller = fresh.value
        if (caller.key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, parts.ids)
        const address = parseMailbox(body.email.trim())
        if (!address.ok)
          return say(invalid('email', 'is no address such as "ann@example.com"'), set, parts.ids)
        // What an account may send no mail for it sends no letters for either.
        const verdict = await parts.limiter.take(caller.key.accountId, 'played', 1)
        if (!verdict.allowed) return say(fromRefusal(limitRefusal(verdict)), set, parts.ids)
        const invited = await invitations.invite(actorOf(caller), {
          accountId: caller.key.accountId,
          address: address.value,
          role: body.role,
          by: caller.person ? caller.person.name || caller.person.address : `The key ${caller.key.name}`,
        })
        if (!invited.ok) return say(memberProblem(invited.error), set, parts.ids)
        const { invitation, posted } = invited.value
        return { success: true, invitation: invitationView(invitation), posted } as const
      },
      { body: InviteBody, ...INVITE },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const fresh = await freshCaller(parts, callerOf(request), request)
        if (!fresh.ok) return say(fresh.error, set, parts.ids)
        const caller = fresh.value
        if (caller.key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, parts.ids)
        const id = parseInvitationId(params.id ?? '')
        if (id === null) return say(memberProblem('unknown'), set, parts.ids)
        const revoked = await invitations.revoke(actorOf(caller), caller.key.accountId, id)
        if (!revoked.ok) return say(memberProblem(revoked.error), set, parts.ids)
        return { success: true, removed: 1 } as const
      },
      { ...REVOKE_INVITATION },
    )
}

const acceptRoute = ({ ids, people, trail }: Parts, door: AtTheDoor) =>
  new Elysia({ name: 'accept', normalize: false }).post(
    '/accept',
    async ({ body, request, set }) => {
      const peer = guesserOf(door, request)
      const { code = null, name = null, password, token } = body
      const accepted = await people.invitations.accept({ token, name, password, code, peer })
      if (!accepted.ok) return say(personProblem(accepted.error), set, ids)
      const { membership, user } = accepted.value
      const { accountId, role } = membership
      await trail.note({
        accountId,
        actor: user.id,
        action: 'invitation accepted',
        subject: user.id,
        details: {
          name: user.address,
          peer: door.peerOf(request),
          requestId: String(set.headers['x-request-id'] ?? ''),
          note: `as ${role}`,
        },
      })
      return {
        success: true,
        account: { id: accountId, name: await people.nameOf(accountId) },
        user: { id: user.id, email: user.address },
        role,
      } as const
    },
    { body: AcceptBody, ...ACCEPT },
  )
