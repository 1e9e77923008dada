//
// Owns: /v1/me: who is logged in, and what he changes about himself.

import { Elysia } from 'elysia'
import type { AccountId } from '../../../core/ids.ts'
import { ROLE_SCOPES } from '../../../services/people/roles.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import * as operations from '../operations/people.ts'
import type { ApiParts, CallerPerson } from '../parts.ts'
import { memberProblem, personProblem } from '../people-view.ts'
import { type AtTheDoor, guesserOf, personOf, SESSION_REQUIRED } from '../person.ts'
import { fromRefusal } from '../problem.ts'
import { say } from '../say.ts'
import { ConfirmBody, DisableBody, EnrolBody, MeBody, PasswordBody, SwitchBody } from '../schema/people.ts'

type Parts = Pick<ApiParts, 'people' | 'ids'>

export function meRoutes(parts: Parts, door: AtTheDoor) {
  const { people } = parts
  return new Elysia({ prefix: '/v1/me', name: 'me', normalize: false })
    .use(secretRoutes(parts, door))
    .get(
      '',
      async ({ request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, parts.ids)
        return answer(parts, person)
      },
      { ...operations.GET_ME },
    )
    .patch(
      '',
      async ({ body, request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, parts.ids)
        const name = body.name.trim()
        const done = await people.profile.rename(person.session.userId, name)
        if (!done.ok) return say(fromRefusal(storeRefusal(done.error)), set, parts.ids)
        return answer(parts, { ...person, name })
      },
      { body: MeBody, ...operations.CHANGE_ME },
    )
    .post(
      '/account',
      async ({ body, request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, parts.ids)
        const { session } = person
        const membership = await people.prover.account(session.userId, body.account as AccountId)
        if (!membership) return say(memberProblem('unknown'), set, parts.ids)
        const { accountId, role } = membership
        const turned = await people.sessions.turnTo(session.id, accountId)
        if (!turned.ok) return say(fromRefusal(storeRefusal(turned.error)), set, parts.ids)
        return answer(parts, { ...person, role, session: { ...session, accountId } })
      },
      { body: SwitchBody, ...operations.SWITCH_ACCOUNT },
    )
}

/** What wants the password, or a code, once more. */
function secretRoutes({ ids, people }: Parts, door: AtTheDoor) {
  const proofOf = ({ session }: CallerPerson, password: string, request: Request) => ({
    user: session.userId,
    session: session.id,
    password,
    peer: guesserOf(door, request),
  })
  return new Elysia({ name: 'my-secrets', normalize: false })
    .post(
      '/password',
      async ({ body, request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, ids)
        const proof = proofOf(person, body.current_password, request)
        const done = await people.profile.changePassword(proof, body.password)
        return done.ok ? ({ success: true } as const) : say(personProblem(done.error), set, ids)
      },
      { body: PasswordBody, ...operations.CHANGE_PASSWORD },
    )
    .post(
      '/totp',
      async ({ body, request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, ids)
        const begun = await people.profile.enrol(proofOf(person, body.password, request))
        return begun.ok
          ? ({ success: true, ...begun.value } as const)
          : say(personProblem(begun.error), set, ids)
      },
      { body: EnrolBody, ...operations.ENROL },
    )
    .post(
      '/totp/confirm',
      async ({ body, request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, ids)
        const done = await people.profile.confirm(person.session.userId, body.code)
        return done.ok
          ? ({ success: true, recovery_codes: done.value } as const)
          : say(personProblem(done.error), set, ids)
      },
      { body: ConfirmBody, ...operations.CONFIRM },
    )
    .post(
      '/totp/disable',
      async ({ body, request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, ids)
        const done = await people.profile.disable(proofOf(person, body.password, request), body.code)
        return done.ok ? ({ success: true } as const) : say(personProblem(done.error), set, ids)
      },
      { body: DisableBody, ...operations.DISABLE },
    )
}

async function answer({ people }: Parts, { address, csrf, name, role, session }: CallerPerson) {
  const { accountId, userId } = session
  const [known, all] = await Promise.all([people.store.user(userId), people.store.memberships(userId)])
  const active = all.filter(({ state }) => state === 'active')
  const accounts = await Promise.all(
    active.map(async (one) => ({
      id: one.accountId,
      name: await people.nameOf(one.accountId),
      role: one.role,
    })),
  )
  return {
    success: true,
    me: {
      id: userId,
      email: address,
      name,
      role,
      scopes: ROLE_SCOPES[role],
      account: { id: accountId, name: await people.nameOf(accountId), role },
      accounts,
      two_factor: known?.user.hasCodes ?? false,
      recovery_codes_left: known?.credentials.codes.recovery.length ?? 0,
      session: session.id,
      created_at: new Date(known?.user.createdAt ?? session.createdAt).toISOString(),
      last_login_at: known?.user.lastLoginAt ? new Date(known.user.lastLoginAt).toISOString() : null,
    },
    csrf_token: csrf,
  } as const
}
