//
// Owns: reading anew who asks, for acts that give others what he has: what this node remembers of a key or a session may
// be seconds old, and what another node took from him in between he must not pass on.

import { fault, ok, type Result } from '../../core/result.ts'
import { ROLE_SCOPES } from '../../services/people/roles.ts'
import type { ApiParts, Caller } from './parts.ts'
import type { Problem } from './problem.ts'
import { permitted } from './scopes.ts'

type Parts = Pick<ApiParts, 'keys' | 'people'>

export async function freshCaller(
  parts: Parts,
  caller: Caller,
  request: Request,
): Promise<Result<Caller, Problem>> {
  const fresh = await (caller.person ? personAnew(parts, caller) : keyAnew(parts, caller))
  if (fresh === null) return fault(ENDED)
  const may = permitted(fresh.key, request.method, new URL(request.url).pathname)
  return may.ok ? ok(fresh) : may
}

async function keyAnew({ keys }: Parts, { key }: Caller): Promise<Caller | null> {
  const fresh = await keys.get(key.id, key.accountId)
  return fresh !== null && keys.opens(fresh) ? { key: fresh } : null
}

async function personAnew({ people }: Parts, { key, person }: Caller): Promise<Caller | null> {
  const member = person ? await people.members.get(key.accountId, person.session.userId) : null
  if (!person || member === null) return null
  const { membership, user } = member
  if (membership.state !== 'active' || user.state !== 'active') return null
  const { role } = membership
  return { key: { ...key, scopes: ROLE_SCOPES[role] }, person: { ...person, role } }
}

const ENDED: Problem = {
  code: 'unauthorized',
  message: 'Whoever asks was revoked, has expired or was put out in this moment.',
}
