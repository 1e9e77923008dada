//
// Owns: letting in people who are logged in: by bearer (mws_…) or by cookie, with the scopes of their role.

import type { ApiKey } from '../../core/account.ts'
import type { KeyId } from '../../core/ids.ts'
import { ROLE_SCOPES } from '../../services/people/roles.ts'
import { csrfOf } from '../../services/people/tokens.ts'
import type { OpenSession } from '../../store/people-store.ts'
import { cookieIn, strangePage, unproven } from './cookies.ts'
import type { ApiParts, Caller } from './parts.ts'
import { pathOf } from './path.ts'
import { ProblemError } from './problem.ts'

/** What strangers may ask, each by its method: coming in. Their bodies are small. */
const OPEN = /^\/v1\/(?:sessions|invitations\/accept|password-resets(?:\/confirm)?)\/?$/
export const OPEN_BODY = 16 * 1024

export const isOpen = ({ method, url }: Request): boolean => method === 'POST' && OPEN.test(pathOf(url))

/** The same of a route, by its path alone. */
export const isOpenRoute = (method: string, path: string): boolean => method === 'POST' && OPEN.test(path)

/** The token of a session that stands in the request; null: none does. A key that is given goes before a cookie. */
export function sessionToken(request: Request, bearer: string | undefined): string | null {
  if (bearer !== undefined) return bearer.startsWith('mws_') ? bearer : null
  return request.headers.has('authorization') ? null : cookieIn(request)
}

/** Null: the session is unknown or has ended. */
export async function admitSession(
  request: Request,
  token: string,
  { options, people }: Pick<ApiParts, 'options' | 'people'>,
): Promise<Caller | null> {
  const byCookie = !request.headers.has('authorization')
  const strange = byCookie ? strangePage(request, options.publicUrl) : null
  if (strange) throw new ProblemError(strange)
  const open = await people.sessions.find(token)
  if (open === null) return null
  const missing = byCookie ? unproven(request, token) : null
  if (missing) throw new ProblemError(missing)
  const { session, ...person } = open
  return { key: keyOf(open), person: { ...person, session, csrf: byCookie ? csrfOf(token) : null } }
}

/** As routes know a caller: a key of its account with the scopes of the role. What it sends bears the user's id. */
const keyOf = ({ address, role, session }: OpenSession): ApiKey => ({
  id: session.userId as string as KeyId,
  accountId: session.accountId,
  name: address,
  mode: 'live',
  prefix: 'mws_',
  createdAt: session.createdAt,
  lastUsedAt: session.usedAt,
  lastUsedFrom: session.peer,
  revokedAt: null,
  scopes: ROLE_SCOPES[role],
  domains: [],
  addresses: [],
  networks: [],
  expiresAt: session.expiresAt,
})
