//
// Owns: /v1/sessions: logging in, looking at one's own sessions, ending them.

import { Elysia, type Static } from 'elysia'
import type { AccountId, SessionId, UserId } from '../../../core/ids.ts'
import { type Membership, parseSessionId, type User } from '../../../core/person.ts'
import { fault, type Result } from '../../../core/result.ts'
import { Bounded } from '../../../services/audit/bounded.ts'
import { LIFE, type OpenedSession } from '../../../services/people/sessions.ts'
import { csrfOf } from '../../../services/people/tokens.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import type { Headers } from '../admission.ts'
import { NO_COOKIE, sessionCookie, strangePage } from '../cookies.ts'
import { END_OTHERS, END_SESSION, LIST_SESSIONS, LOG_IN } from '../operations/people.ts'
import type { ApiParts } from '../parts.ts'
import { personProblem, sessionView } from '../people-view.ts'
import { type AtTheDoor, guesserOf, personOf, SESSION_REQUIRED } from '../person.ts'
import { fromRefusal, type Problem } from '../problem.ts'
import { say } from '../say.ts'
import { LoginBody } from '../schema/people.ts'

type Parts = Pick<ApiParts, 'people' | 'log' | 'trail' | 'clock' | 'ids' | 'options'>

export function sessionRoutes(parts: Parts, door: AtTheDoor) {
  return new Elysia({ prefix: '/v1/sessions', name: 'sessions', normalize: false })
    .use(loginRoute(parts, door))
    .get(
      '',
      async ({ request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, parts.ids)
        const all = await parts.people.sessions.list(person.session.userId)
        return {
          success: true,
          data: all.map((one) => sessionView(one, person.session.id)),
          has_more: false,
        } as const
      },
      { ...LIST_SESSIONS },
    )
    .delete(
      '',
      async ({ request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, parts.ids)
        const { sessions } = parts.people
        const { id, userId } = person.session
        const others = (await sessions.list(userId)).filter((one) => one.id !== id).length
        const ended = await sessions.endAll(userId, id)
        if (!ended.ok) return say(fromRefusal(storeRefusal(ended.error)), set, parts.ids)
        return { success: true, ended: others } as const
      },
      { ...END_OTHERS },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const person = personOf(door, request)
        if (!person) return say(SESSION_REQUIRED, set, parts.ids)
        const { id: current, userId } = person.session
        const id: SessionId | null = params.id === 'current' ? current : parseSessionId(params.id ?? '')
        const ended = id === null ? NOTHING : await parts.people.sessions.end(userId, id)
        if (!ended.ok) return say(fromRefusal(storeRefusal(ended.error)), set, parts.ids)
        if (!ended.value) return say(NO_SESSION, set, parts.ids)
        if (id === current) (set.headers as Headers)['set-cookie'] = NO_COOKIE
        return { success: true, ended: 1 } as const
      },
      { ...END_SESSION },
    )
}

const NOTHING = { ok: true, value: false } as const
const NO_SESSION = { code: 'not_found', message: 'You have no such session.' } as const
const NO_ACCOUNT = { kind: 'wrong', user: null } as const

function loginRoute(parts: Parts, door: AtTheDoor) {
  const records = new LoginRecords(parts)
  return new Elysia({ name: 'login', normalize: false }).post(
    '',
    async ({ body, request, set }) => {
      const byCookie = body.cookie === true
      const strange = byCookie ? strangePage(request, parts.options.publicUrl) : null
      if (strange) return say(strange, set, parts.ids)
      const peer = door.peerOf(request)
      const at = { peer, requestId: String(set.headers['x-request-id'] ?? '') }
      const opened = await open(parts, records, body, {
        ...at,
        agent: request.headers.get('user-agent') ?? '',
        guesser: guesserOf(door, request),
      })
      if (!opened.ok) return say(opened.error, set, parts.ids)
      const { session, token } = opened.value
      if (byCookie) (set.headers as Headers)['set-cookie'] = sessionCookie(token, LIFE)
      return {
        success: true,
        session: sessionView(session, session.id),
        token: byCookie ? null : token,
        csrf_token: byCookie ? csrfOf(token) : null,
      } as const
    },
    { body: LoginBody, ...LOG_IN },
  )
}

/** Proves who it is, chooses the account, opens the session, and writes down what came of it. */
async function open(
  { people }: Parts,
  records: LoginRecords,
  body: Static<typeof LoginBody>,
  { agent, guesser, ...at }: At & { readonly agent: string; readonly guesser: string },
): Promise<Result<OpenedSession, Problem>> {
  const { peer } = at
  const code = body.code ?? null
  const { email: address, password } = body
  const proven = await people.prover.login({ address, password, code, peer: guesser })
  if (!proven.ok) {
    // The answer does not wait for it: it takes longer for a user whom there is, and that would name him.
    if (proven.error.kind === 'wrong') records.refused(proven.error.user, at)
    return fault(personProblem(proven.error))
  }
  const { user } = proven.value
  const membership = await people.prover.account(user.id, (body.account as AccountId | undefined) ?? null)
  if (!membership) return fault(personProblem(NO_ACCOUNT))
  const { accountId } = membership
  const opened = await people.sessions.open({ userId: user.id, accountId, peer, agent })
  if (!opened.ok) return fault(fromRefusal(storeRefusal(opened.error)))
  const { session } = opened.value
  await people.store.loggedIn(user.id, session.createdAt)
  await records.opened(user, membership, { ...at, session: session.id })
  return opened
}

interface At {
  readonly peer: string
  readonly requestId: string
}

/** Who came in, and who tried to: of the latter so many a minute. */
class LoginRecords {
  readonly #parts: Parts
  readonly #bounded = new Bounded()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  opened(user: User, { accountId }: Membership, { session, ...at }: At & { session: string }): Promise<void> {
    const details = { name: user.address, ...at }
    return this.#parts.trail.note({ accountId, actor: user.id, action: 'login', subject: session, details })
  }

  refused(user: User | null, at: At): void {
    this.#refused(user, at).catch((error: unknown) => {
      this.#parts.log.warn('a login that was refused is not in the audit log', { error: String(error) })
    })
  }

  async #refused(user: User | null, at: At): Promise<void> {
    const left = this.#bounded.take(user?.id ?? '', this.#parts.clock.monotonic())
    if (left === null) return
    const details = {
      ...(user ? { name: user.address } : {}),
      ...at,
      ...(left > 0 ? { note: `${left} more before this one` } : {}),
    }
    // Everybody in charge of an account that he could have come into sees it; of strangers the operator.
    for (const accountId of user ? await this.#accountsOf(user.id) : [null]) {
      await this.#parts.trail.note({
        accountId,
        actor: 'anonymous',
        action: 'login refused',
        subject: user?.id ?? '',
        details,
      })
    }
  }

  async #accountsOf(user: UserId): Promise<readonly AccountId[]> {
    return (await this.#parts.people.store.memberships(user)).map(({ accountId }) => accountId)
  }
}
